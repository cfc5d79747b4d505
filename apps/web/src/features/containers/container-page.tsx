'use client'

/** One container. */
export function ContainerPage() {
  return <div className="p-6">{null}</div>
}
