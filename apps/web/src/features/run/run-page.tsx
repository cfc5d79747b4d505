'use client'

/** A new container. */
export function RunPage() {
  return <div className="p-6">{null}</div>
}
