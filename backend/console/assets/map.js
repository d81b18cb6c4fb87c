// The map of the board: orders by their state's sign, workers where their day begins, and below them
// tiles where the house has some, else a plain ground of its communities.
(() => {
  const box = document.getElementById("map");
  const said = document.getElementById("map-said");
  const words = (name, facts) => {
    const found = document.getElementById("map-words").content.querySelector(`[data-word="${name}"]`).textContent;
    return found.replace(/\{(\w+)\}/g, (_, fact) => facts[fact]);
  };
  const TOWNS_UP_TO = 13; // further out there is no room for the names of communities
  const CITY = [[22.66, 113.52], [23.14, 114.26]];

  const map = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.5, minZoom: 9, maxZoom: 18 });
  const layers = Object.fromEntries(["ground", "workers", "orders"].map((name) => [name, L.layerGroup().addTo(map)]));
  const shown = new Map(); // by kind and id, what is on the map already
  if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 18 }).addTo(map);
  L.control.zoom({ zoomInTitle: words("in", {}), zoomOutTitle: words("out", {}) }).addTo(map);
  map.fitBounds(CITY);
  const lookFromAfar = () => box.classList.toggle("far", map.getZoom() < TOWNS_UP_TO);
  map.on("zoomend", lookFromAfar);

  function name(place, text, kind) {
    const icon = L.divIcon({ className: `place-name ${kind}`, html: "", iconSize: null });
    const marker = L.marker(place, { icon, interactive: false, keyboard: false, zIndexOffset: -1000 });
    marker.on("add", () => (marker.getElement().textContent = text));
    return marker;
  }

  function drawGround(ground) {
    const towns = new Map();
    for (const { town, community, lat, lon, m } of ground) {
      if (!towns.has(town)) towns.set(town, []);
      towns.get(town).push([lat, lon]);
      if (box.dataset.tiles) continue;
      L.circle([lat, lon], { radius: m, className: "community", interactive: false }).addTo(layers.ground);
      name([lat, lon], community, "of-community").addTo(layers.ground);
    }
    for (const [town, places] of towns) {
      const bounds = L.latLngBounds(places);
      if (!box.dataset.tiles) name([bounds.getNorth(), bounds.getCenter().lng], town, "of-town").addTo(layers.ground);
    }
    const all = L.latLngBounds([...towns.values()].flat());
    if (all.isValid()) map.fitBounds(all.pad(0.05), { animate: false });
    lookFromAfar();
  }

  // `beside` counts what is at the same door: it stands next to the others, not under them.
  function put(kind, { id, lat, lon, label, sign = label.slice(0, 1), tone = "rider" }, beside = 0) {
    const known = shown.get(`${kind}-${id}`);
    const looks = `${sign} ${tone} ${label} ${lat} ${lon} ${beside}`;
    if (known?.looks === looks) return known;
    known?.marker.remove();
    const icon = L.divIcon({ className: `pin ${tone}`, html: "", iconSize: [26, 26], iconAnchor: [13 - 20 * beside, 13] });
    const marker = L.marker([lat, lon], { icon, title: label, alt: label, keyboard: kind === "order", interactive: kind === "order", zIndexOffset: { bad: 600, waits: 400 }[tone] ?? 0 });
    marker.on("add", () => {
      const pin = marker.getElement();
      pin.textContent = sign;
      pin.setAttribute("aria-label", label);
      if (kind === "order") pin.dataset.order = id;
      else pin.setAttribute("role", "img");
    });
    if (kind === "order") {
      const open = () => htmx.ajax("GET", box.dataset.order.replace(/0$/, id), { target: "#file" });
      marker.on("click", open);
      marker.on("keydown", ({ originalEvent }) => originalEvent.key === "Enter" && open());
    }
    marker.addTo(layers[`${kind}s`]);
    const made = { marker, looks };
    shown.set(`${kind}-${id}`, made);
    return made;
  }

  function draw({ orders, workers, ground, full }) {
    if (ground) drawGround(ground);
    const left = new Set(shown.keys());
    const doors = new Map();
    for (const order of orders) {
      const door = `${order.lat} ${order.lon}`;
      doors.set(door, (doors.get(door) ?? -1) + 1);
      put("order", order, doors.get(door));
      left.delete(`order-${order.id}`);
    }
    for (const worker of workers) put("worker", worker), left.delete(`worker-${worker.id}`);
    for (const key of left) shown.get(key).marker.remove(), shown.delete(key);
    const facts = { orders: orders.length, workers: workers.length };
    said.textContent = words(full ? "full" : orders.length ? "some" : "none", facts);
    box.dataset.drawn = orders.length;
  }

  async function begin() {
    const answer = await fetch(box.dataset.first).catch(() => null);
    if (answer?.ok) return draw(await answer.json());
    said.textContent = words("away", {});
    setTimeout(begin, 5000);
  }
  box.addEventListener("htmx:afterRequest", (event) => {
    if (event.target === box && event.detail.successful) draw(JSON.parse(event.detail.xhr.responseText));
  });
  begin();
})();
