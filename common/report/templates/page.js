// The error sheet: counts ticks, shows ceilings, copies tags. The page is complete without it.
(() => {
  const sheet = document.querySelector("[data-sheet]");
  if (!sheet) return;
  const error = Number(sheet.dataset.error);
  const cards = [...sheet.querySelectorAll("figure")];
  const names = [...sheet.querySelectorAll("[data-name]")];
  const boxes = (tag) => [...sheet.querySelectorAll(`[data-tag="${tag}"]`)];
  const errors = cards.map((card) => Number(card.dataset.error));
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  // Errors may be graded: a card counts as its own, and so many alike would tell as much.
  const all = sum(errors), alike = (all * all) / sum(errors.map((one) => one * one));
  const points = (share) => (100 * share).toFixed(1);

  // Wilson's 95 % interval of a share of n.
  const wilson = (share, n) => {
    const z = 1.96, d = 1 + (z * z) / n, middle = (share + (z * z) / (2 * n)) / d;
    const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / d;
    return [middle - half, middle + half];
  };

  const count = () => {
    for (const output of sheet.querySelectorAll("[data-count]")) {
      const ticked = errors.filter((_, card) => boxes(output.dataset.count)[card].checked);
      const share = sum(ticked) / all;
      const [low, high] = wilson(share, alike).map((bound) => points(error * bound));
      output.textContent = ticked.length
        ? `${ticked.length} of ${cards.length}: at most −${points(error * share)} points (${low} to ${high})`
        : "0";
    }
  };

  const rename = () =>
    names.forEach((input, tag) => {
      for (const box of boxes(tag)) box.nextElementSibling.textContent = input.value || `category ${tag + 1}`;
    });

  const csv = () => {
    const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
    const columns = names.map((input, tag) => input.value || `category ${tag + 1}`);
    const fixed = [...sheet.querySelectorAll("[data-name-fixed]")].map((name) => name.textContent);
    const header = ["run_id", "example_id", ...columns, ...fixed];
    const rows = cards.map((card) => [
      sheet.dataset.run,
      card.dataset.example,
      ...[...card.querySelectorAll("[data-tag]")].map((box) => (box.checked ? "1" : "")),
    ]);
    return [header, ...rows].map((row) => row.map(quoted).join(",")).join("\n") + "\n";
  };

  // execCommand, since a sandboxed frame refuses navigator.clipboard.
  const copy = () => {
    const area = sheet.querySelector("textarea");
    area.hidden = false;
    area.value = csv();
    area.select();
    const copied = document.execCommand("copy");
    sheet.querySelector("[role=status]").textContent = copied
      ? `${cards.length} rows copied`
      : "Selected below: press Ctrl+C";
  };

  for (const part of sheet.querySelectorAll(".live, fieldset")) part.hidden = false;
  sheet.querySelector("[data-without-script]").hidden = true;
  sheet.addEventListener("change", count);
  names.forEach((input) => input.addEventListener("input", rename));
  sheet.querySelector("button").addEventListener("click", copy);
  rename();
  count();
})();
