// Every control that the keyboard reaches but that does not show that it has the focus. Run by page.evaluate after a
// key was pressed, so that the browser takes the focus for the keyboard's.
() => {
  const found = [];
  const isSeen = (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
    if (!one.checkVisibility() || one.disabled || one.tabIndex < 0) continue;
    one.focus({ preventScroll: true });
    if (document.activeElement !== one) continue;
    const around = [one, one.closest("label")].filter(Boolean);
    if (!around.some((element) => isSeen(getComputedStyle(element)))) found.push(`the focus cannot be seen: ${one.outerHTML.slice(0, 90)}`);
  }
  document.activeElement?.blur();
  return found;
}
