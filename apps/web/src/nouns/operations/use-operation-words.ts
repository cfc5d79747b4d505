import { useTranslations } from 'use-intl'

/** Methods and steps in words, as the texts have them by noun and verb; one that they lack is said as the host names it. */
export function useOperationWords(): { method: (name: string) => string; step: (name: string) => string } {
  const t = useTranslations('operations')
  const wordOf = (key: string, otherwise: string) => (t.has(key as 'title') ? t(key as 'title') : otherwise)
  return {
    method: (name) => wordOf(`methods.${name}`, name),
    step: (name) => wordOf(`steps.${name}`, name),
  }
}
