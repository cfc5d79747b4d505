import { labelLines } from '../format/labels.ts'

/** A row's labels in one line; all of them on hover. */
export function LabelsCell({ labels }: { labels: Record<string, string> }) {
  const lines = labelLines(labels)
  if (lines.length === 0) return <span className="text-faint">–</span>
  return (
    <span className="font-mono text-xs text-muted" title={lines.join('\n')}>
      {lines.join(', ')}
    </span>
  )
}
