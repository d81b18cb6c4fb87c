// Draws each table of figures as a chart above it, in the colours of the page; a click opens the
// list behind, as the figure in the table does. Without this script the tables say it all.
(() => {
  const SERIES = 5;
  const drawn = [];

  function read(figure) {
    const table = figure.querySelector(".figure-table");
    const heads = [...table.querySelectorAll("thead th")].slice(1);
    const rows = [...table.querySelectorAll("tbody tr")];
    const labels = rows.map((row) => row.querySelector("th").textContent);
    const series = heads.flatMap((head, at) => {
      if (!head.dataset.series) return [];
      const cells = rows.map((row) => row.querySelectorAll("td")[at]);
      return [{ name: head.textContent, colour: Number(head.dataset.series), cells }];
    });
    return { labels, series };
  }

  function looks() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    const colours = [...Array(SERIES)].map((_, at) => of(`--chart-${at + 1}`));
    return { colours, ink: of("--ink"), soft: of("--soft"), line: of("--line"), card: of("--card"), font: of("--sans") };
  }

  function option({ labels, series }, lies, { colours, ink, soft, line, card, font }) {
    const number = (value) => Number(value).toLocaleString("zh-CN");
    const names = { type: "category", data: labels, inverse: lies, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: ink, fontSize: 13, interval: 0, hideOverlap: !lies, width: lies ? 130 : undefined, overflow: "truncate" } };
    const values = { type: "value", axisLabel: { color: soft, fontSize: 13, formatter: number, hideOverlap: true }, splitLine: { lineStyle: { color: line } }, splitNumber: 4 };
    return {
      animation: false,
      textStyle: { fontFamily: font },
      aria: { enabled: true, label: { enabled: false }, decal: { show: true, decals: series.map((one) => ({ 1: { symbol: "none" }, 2: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: "rgb(0 0 0 / 28%)" }, 3: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4, color: "rgb(255 255 255 / 45%)" }, 4: { symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.7, color: "rgb(0 0 0 / 25%)" }, 5: { symbol: "none" } })[one.colour]) } },
      grid: { left: 8, right: 20, top: 10, bottom: 6, containLabel: true },
      // Drawn on the canvas: a box of HTML would need styles that the page's policy forbids.
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, confine: true, backgroundColor: card, borderColor: line, textStyle: { color: ink, fontSize: 13 }, valueFormatter: number },
      xAxis: lies ? values : names,
      yAxis: lies ? names : values,
      series: series.map((one) => ({
        name: one.name, type: "bar", stack: "all", barMaxWidth: lies ? 18 : 44, cursor: "pointer",
        itemStyle: { color: colours[one.colour - 1] },
        data: one.cells.map((cell) => Number(cell.dataset.value || 0)),
      })),
    };
  }

  function draw(figure) {
    const box = figure.querySelector(".chart");
    if (!box || !window.echarts) return;
    const lies = box.dataset.lies === "yes";
    const facts = read(figure);
    const chart = echarts.init(box, null, lies ? { height: Math.max(180, Number(box.dataset.rows) * 30 + 50) } : {});
    chart.on("click", ({ seriesIndex, dataIndex }) => {
      const link = facts.series[seriesIndex].cells[dataIndex].querySelector("a");
      if (link) location.href = link.href;
    });
    const again = () => chart.setOption(option(facts, lies, looks()));
    again();
    box.dataset.drawn = "yes";
    drawn.push({ chart, again });
  }

  document.querySelectorAll(".figure").forEach(draw);
  const again = () => drawn.forEach((one) => one.again());
  new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  addEventListener("resize", () => drawn.forEach((one) => one.chart.resize()));
})();
