import { useTranslations } from 'use-intl'
import { shortReference } from '../../format/image-reference.ts'
import { type BulkOperation, doneOf } from './bulk.ts'

interface OperationWords {
  method: (name: string) => string
  step: (name: string) => string
  /** A change of many: "Stop 12 containers", "Stopping 12 containers", "10 of 12 containers stopped". */
  what: (operation: BulkOperation) => string
  doing: (operation: BulkOperation) => string
  done: (operation: BulkOperation) => string
}

/** Methods and steps in words, as the texts have them by noun and verb; one that they lack is said as the host names it. */
export function useOperationWords(): OperationWords {
  const t = useTranslations('operations')
  const wordOf = (key: string, otherwise: string) => (t.has(key as 'title') ? t(key as 'title') : otherwise)
  const ofMany = (form: 'what' | 'doing' | 'done') => (operation: BulkOperation) => {
    const { total } = operation.counts
    const done = doneOf(operation)
    const key = `bulk.${form}.${operation.method}` as 'bulk.what.images.pull'
    const name = shortReference(operation.target)
    return t.has(key) ? t(key, { count: total, name, done, missing: total - done }) : `${operation.method} ${name}`
  }
  return {
    method: (name) => wordOf(`methods.${name}`, name),
    step: (name) => wordOf(`steps.${name}`, name),
    what: ofMany('what'),
    doing: ofMany('doing'),
    done: ofMany('done'),
  }
}
