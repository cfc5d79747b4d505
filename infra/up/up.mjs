// The first line that runs on a machine: it must be understood by old Nodes too, so that it can say what they lack.
import process from 'process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    'Flotilla needs Node 20.19 or newer and this is ' + process.version + '. Install a newer one and run it again.\n',
  )
  process.exit(1)
} else {
  void import('./start.mjs').then(({ main }) => main(process.argv.slice(2)))
}
