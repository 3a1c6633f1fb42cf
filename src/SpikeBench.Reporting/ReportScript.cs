namespace SpikeBench.Reporting;

/// <summary>The page's only script: it shows the values under the pointer. Without it the report says the same, less comfortably.</summary>
internal static class ReportScript
{
    /// <summary>
    /// Listens on the document, so that charts put into the page later are read out too. A chart carries its own read-outs: names in
    /// <c>data-n</c>, one row per equal stretch of its width in <c>data-r</c>.
    /// </summary>
    public const string Text = """
        (()=>{const d=document,t=d.createElement('div');let on;t.id='tip';t.hidden=true;d.body.append(t)
        const move=e=>{const s=e.target.closest?.('[data-r]');if(on!=s)on?.classList.remove('on')
        on=s;t.hidden=!s;if(!s)return
        const b=s.getBoundingClientRect(),r=s.dataset.r.split('|'),n=s.dataset.n.split(';'),c=s.querySelector('.cursor'),
        i=Math.max(0,Math.min(r.length-1,Math.floor((e.clientX-b.left)/b.width*r.length)))
        for(const a of['x1','x2'])c.setAttribute(a,(i+.5)/r.length*100+'%')
        s.classList.add('on');t.textContent=r[i].split(';').map((v,k)=>n[k]?n[k]+': '+v:v).join('\n')
        t.style.left=Math.max(4,Math.min(e.clientX+14,innerWidth-t.offsetWidth-8))+'px';t.style.top=e.clientY+16+'px'}
        for(const k of['move','down'])d.addEventListener('pointer'+k,move)})()
        """;
}
