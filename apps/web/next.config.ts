import type { NextConfig } from 'next'

/** A folder of plain files that the control plane serves. Types are the business of `npm run types`, not of each build. */
const config: NextConfig = {
  output: 'export',
  transpilePackages: ['@flotilla/ui', '@flotilla/protocol'],
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  typescript: { tsconfigPath: 'tsconfig.json', ignoreBuildErrors: true },
}

export default config
