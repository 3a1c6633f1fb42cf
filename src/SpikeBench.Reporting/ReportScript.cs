namespace SpikeBench.Reporting;

/// <summary>The page's only script: it shows the values under the pointer. Without it the report says the same, less comfortably.</summary>
internal static class ReportScript
{
    /// <summary>Listens on the document, so that charts put into the page later are read out too.</summary>
    public const string Text = """
        (()=>{const d=document,t=d.createElement('div');t.id='tip';t.hidden=true;d.body.append(t);let last;
        const move=e=>{const s=e.target.closest&&e.target.closest('svg.chart');if(last&&last!==s)last.classList.remove('on');
        if(!s||!s.dataset.r){t.hidden=true;last=null;return}
        const b=s.getBoundingClientRect(),r=s.dataset.r.split('|'),n=s.dataset.n.split(';'),
        i=Math.max(0,Math.min(r.length-1,Math.floor((e.clientX-b.left)/b.width*r.length))),c=s.querySelector('.cursor'),x=(i+.5)/r.length;
        c.setAttribute('x1',x*100+'%');c.setAttribute('x2',x*100+'%');s.classList.add('on');last=s;
        t.textContent=r[i].split(';').map((v,k)=>n[k]?n[k]+': '+v:v).join('\n');t.hidden=false;
        t.style.left=Math.max(4,Math.min(e.clientX+14,innerWidth-t.offsetWidth-8))+'px';t.style.top=e.clientY+16+'px'};
        d.addEventListener('pointermove',move);d.addEventListener('pointerdown',move)})()
        """;
}
