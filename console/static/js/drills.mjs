// Of the kinds only those are offered that can be exercised at the chosen place.
const place = document.getElementById("drill-place");
const kind = document.getElementById("drill-kind");

function offer() {
  const known = place.selectedOptions[0]?.dataset.kinds.split(" ") ?? [];
  for (const option of kind.options) option.hidden = option.disabled = !known.includes(option.value);
  if (kind.selectedOptions[0]?.disabled ?? true) kind.value = known[0] ?? "";
}

place.addEventListener("change", offer);
offer();
