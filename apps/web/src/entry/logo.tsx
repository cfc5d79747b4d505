/** Three hulls in formation. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 20 20" aria-hidden className={className}>
      <path d="M10 1.5 13.5 9h-7Z" fill="currentColor" />
      <path d="M4.5 9.5 8 17H1Z" fill="currentColor" opacity=".55" />
      <path d="M15.5 9.5 19 17h-7Z" fill="currentColor" opacity=".55" />
    </svg>
  )
}
