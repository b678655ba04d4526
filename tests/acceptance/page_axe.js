// What axe, which must be in the page, finds serious or critical, in words. Run by page.evaluate.
async (runOnly) => {
  const { violations } = await axe.run(document, { runOnly, preload: false, resultTypes: ["violations"] });
  const place = (node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`;
  return violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `axe ${one.id} (${one.help}): ${one.nodes.slice(0, 4).map(place).join(" | ")}`);
}
