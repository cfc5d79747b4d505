import './node-version.mjs'
import process from 'process'

void import('./run-admin.mjs').then(({ main }) => main(process.argv.slice(2)))
