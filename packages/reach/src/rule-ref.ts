/** A rule as a person finds it again. */
export interface RuleRef {
  /** As `iptables-save` or `nft list ruleset` prints it, or `policy drop`. */
  text: string
  /** With its family: `ip filter`. */
  table: string
  chain: string
}
