/** Asks the control plane for the whole log as text and hands it to the browser as a file. Throws where it cannot. */
export async function downloadLog(container: string, name: string, timestamps: boolean): Promise<void> {
  const response = await fetch(`/api/v1/containers/${encodeURIComponent(container)}/logs?timestamps=${timestamps}`, {
    headers: { accept: 'text/plain' },
    credentials: 'same-origin',
  })
  if (!response.ok) {
    const failure = (await response.json().catch(() => null)) as { message?: string } | null
    throw new Error(failure?.message ?? response.statusText)
  }
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = `${name}.log`
  link.click()
  URL.revokeObjectURL(url)
}
