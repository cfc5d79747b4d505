'use client'

/** Every host. */
export function HostsPage() {
  return <div className="p-6">{null}</div>
}
