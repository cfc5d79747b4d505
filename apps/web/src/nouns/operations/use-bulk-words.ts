import { useTranslations } from 'use-intl'
import { shortReference } from '../../format/image-reference.ts'
import { type BulkOperation, doneOf } from './bulk.ts'

type Words = (operation: BulkOperation) => string

/** A change of many in words: "Stop 12 containers", "Stopping 12 containers", "10 of 12 containers stopped". */
export function useBulkWords(): { what: Words; doing: Words; done: Words } {
  const t = useTranslations('operations')
  const words =
    (form: 'what' | 'doing' | 'done'): Words =>
    (operation) => {
      const { total } = operation.counts
      const done = doneOf(operation)
      const key = `many.${operation.method}.${form}` as 'title'
      const name = shortReference(operation.target)
      return t.has(key) ? t(key, { count: total, name, done, missing: total - done }) : `${operation.method} ${name}`
    }
  return { what: words('what'), doing: words('doing'), done: words('done') }
}
