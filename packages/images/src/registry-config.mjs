/**
 * The configuration of Debian's docker-registry, for a registry that keeps quiet and lets images be deleted.
 * @param {{ host: string, data: string }} options the address that it listens on, and its folder
 * @returns {string} YAML
 */
export function registryConfig({ host, data }) {
  return `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${JSON.stringify(data)} }
  delete: { enabled: true }
http:
  addr: ${host}
`
}
