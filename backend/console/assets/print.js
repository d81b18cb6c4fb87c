// A page that is printed.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
