/** Where the person's choice is kept in the browser. */
export const themeKey = 'flotilla.theme'

/** Runs before the first paint. Kept free of anything that changes between builds: the policy allows it by its hash. */
export const themeScript = `try{var t=localStorage.getItem('${themeKey}')}catch(e){}document.documentElement.dataset.theme=t==='dark'||t==='light'?t:matchMedia('(prefers-color-scheme: light)').matches?'light':'dark'`
