/** What nft says in its own words alone: version 1.0.6 leaves it out of its JSON or has it wrong. */
export interface NftText {
  /** Rules as nft prints them, by table and handle. */
  rules: ReadonlyMap<string, string>
  /** Tables whose chains nobody enters, `ip filter`. */
  dormant: ReadonlySet<string>
  /** Sets and maps that rules change, by table and name. */
  dynamic: ReadonlySet<string>
  /** The interfaces that an ingress or egress chain stands at, by table and name. */
  devices: ReadonlyMap<string, readonly string[]>
}

/** Reads what `nft -a list ruleset` printed. Pure. */
export function readNftText(text: string): NftText {
  const [rules, devices] = [new Map<string, string>(), new Map<string, readonly string[]>()]
  const [dormant, dynamic] = [new Set<string>(), new Set<string>()]
  let [table, within] = ['', '']
  for (const line of text.split('\n')) {
    const [, family, name] = /^table (\S+) (\S+) \{/.exec(line) ?? []
    if (family !== undefined) table = `${family} ${name}`
    const [, inner] = /^\t(?:set|map|chain) (\S+) \{/.exec(line) ?? []
    if (inner !== undefined) within = `${table} ${inner}`
    const [, tableFlags] = /^\tflags (.+)$/.exec(line) ?? []
    if (tableFlags?.includes('dormant') === true) dormant.add(table)
    const [, flags] = /^\t\tflags (.+)$/.exec(line) ?? []
    if (flags?.includes('dynamic') === true) dynamic.add(within)
    const [, several, one] = /^\t\ttype \w+ hook \w+ device(?:s = \{([^}]*)\}| (\S+)) /.exec(line) ?? []
    const names = several?.split(',') ?? (one === undefined ? [] : [one])
    if (names.length > 0)
      devices.set(
        within,
        names.map((each) => each.trim().replaceAll('"', '')),
      )
    const [, rule, handle] = /^\t\t(.+) # handle (\d+)$/.exec(line) ?? []
    if (rule !== undefined) rules.set(`${table} ${handle}`, rule.replace(/ counter packets \d+ bytes \d+/, ''))
  }
  return { rules, dormant, dynamic, devices }
}
