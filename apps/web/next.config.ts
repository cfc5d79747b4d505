import type { NextConfig } from 'next'

/** A folder of plain files that the control plane serves. Types are the business of `npm run types`, not of each build. */
const config: NextConfig = {
  output: 'export',
  transpilePackages: ['@flotilla/ui', '@flotilla/protocol'],
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  turbopack: {
    // Texts are read at the build: what reads them is larger than all that a page says.
    resolveAlias: { 'use-intl/format-message': 'use-intl/format-message/format-only' },
    rules: { '**/messages/en/**/*.json': { loaders: ['./scripts/compile-texts.mjs'], as: '*.js' } },
  },
  typescript: { tsconfigPath: 'tsconfig.json', ignoreBuildErrors: true },
}

export default config
