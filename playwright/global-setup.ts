export { buildDashboard as default } from '@flotilla/testkit/browser/build-dashboard'
