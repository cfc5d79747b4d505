'use client'

/** What goes on. */
export function ActivityTray() {
  return <div className="p-6">{null}</div>
}
