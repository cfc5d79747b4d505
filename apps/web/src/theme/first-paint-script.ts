/** Where the person's choices are kept in the browser. */
export const themeKey = 'flotilla.theme'
export const railKey = 'flotilla.rail'

/**
 * Runs before the first paint, so that it has the theme and the width of the rail that the person chose. Kept free of anything
 * that changes between builds: the policy allows it by its hash.
 */
export const firstPaintScript = `var d=document.documentElement.dataset;try{var t=localStorage.getItem('${themeKey}'),r=localStorage.getItem('${railKey}')}catch(e){}d.theme=t==='dark'||t==='light'?t:matchMedia('(prefers-color-scheme: light)').matches?'light':'dark';if(r==='narrow')d.rail=r`
