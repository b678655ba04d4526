// MQTT filters as rules.

/**
 * True when the rule's filter matches everything that `asked` means.
 *
 * `asked` is a topic, or a subscription whose own wildcards must lie within those of the rule.
 */
export function covers (filter, asked) {
  const rule = filter.split('/')
  const levels = asked.split('/')
  // a leading wildcard never means the broker's own topics ($SYS, $CONTROL)
  if (asked.startsWith('$') && (rule[0] === '#' || rule[0] === '+')) return false
  for (let at = 0; at < rule.length; at++) {
    if (rule[at] === '#') return true
    if (at === levels.length || levels[at] === '#') return false
    if (rule[at] !== '+' && rule[at] !== levels[at]) return false
  }
  return levels.length === rule.length
}
