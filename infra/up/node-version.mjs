import process from 'process'

// The first lines that run on a machine: old Nodes must understand them too, so that they can say what is lacking.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    'Flotilla needs Node 20.19 or newer and this is ' + process.version + '. Install a newer one and run it again.\n',
  )
  process.exit(1)
}
