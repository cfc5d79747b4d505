'use client'

import type { Reason } from '@flotilla/protocol'
import { useTranslations } from 'use-intl'

/**
 * Why something is as it is, in the reader's language: the text of its kind, which for a failure stands among those of errors. A kind
 * without a text, a newer side's, is told by the English sentence that came with it, and so is what an older side tells without a kind.
 */
export function useReasonText(): <Sentence extends string | undefined>(
  sentence: Sentence,
  reason: Reason | undefined,
) => Sentence | string {
  const t = useTranslations()
  return (sentence, reason) => {
    const places = reason === undefined ? [] : [`reasons.${reason.kind}`, `errors.kinds.${reason.kind}`]
    const own = (places as Parameters<typeof t>[0][]).find((place) => t.has(place))
    return own === undefined ? sentence : t(own, reason?.params)
  }
}
