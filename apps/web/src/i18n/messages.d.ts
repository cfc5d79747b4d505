import type { messages } from '../../messages/en/index.ts'

declare module 'use-intl' {
  interface AppConfig {
    Locale: 'en'
    Messages: typeof messages
  }
}
