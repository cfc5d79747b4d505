/** Docker's own drivers that send a log away. For them the daemon keeps a copy to read from, unless that is switched off. */
const away = new Set(['awslogs', 'etwlogs', 'fluentd', 'gcplogs', 'gelf', 'logentries', 'splunk', 'syslog'])
/** What Docker reads as true. */
const yes = new Set(['1', 't', 'T', 'true', 'True', 'TRUE'])

/** Whether the daemon can give the log of a container with this driver; of a plugin it is not known before it is tried. */
export function hasReadableLog(config: { Type: string; Config: Readonly<Record<string, string>> }): boolean {
  if (config.Type === 'none') return false
  return !(away.has(config.Type) && yes.has(config.Config['cache-disabled'] ?? ''))
}

/** Said of the container, so that its log is not offered, and by its log. */
export const noReadableLog =
  'Its log driver keeps nothing that could be read. Make it with the json-file, local or journald driver to see its log.'
