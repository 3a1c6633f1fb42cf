namespace SpikeBench.Reporting;

/// <summary>
/// The page's style. Colours are named once, for light and for dark, with a contrast of at least 4.5 to 1 for text; paper is always light.
/// </summary>
internal static class ReportStyle
{
    private const string Light = """
        --bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d5dae0;--card:#f4f6f8;--band:rgba(27,31,36,.045);--pass:#116329;--fail:#b3151c;--unsure:#8a4b00;
        --blue:#0a58ca;--teal:#0b7285;--orange:#b4560a;--purple:#7a3cc2;--red:#c4161f;--grey:#8b949e
        """;

    private const string Dark = """
        --bg:#12161b;--fg:#e4e8ed;--dim:#a3acb8;--line:#353c45;--card:#1b2129;--band:rgba(228,232,237,.055);--pass:#5fd07f;--fail:#ff8b85;--unsure:#f0b35a;
        --blue:#79b0ff;--teal:#45c5d6;--orange:#f2a65a;--purple:#c49bff;--red:#ff7b76;--grey:#8d97a3
        """;

    public const string Css = ":root{" + Light + "}\n@media screen and (prefers-color-scheme:dark){:root{" + Dark + "}}\n" + """
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
        main{max-width:1080px;margin:0 auto;padding:20px 20px 48px}
        h1{font-size:1.35rem;line-height:1.35;margin:.2rem 0 .8rem}
        h2{font-size:1.2rem;margin:2.4rem 0 .4rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
        h3{font-size:1rem;margin:0}
        header{border-left:6px solid var(--dim);padding:2px 0 2px 16px;overflow-wrap:anywhere}
        header.pass{border-color:var(--pass)}header.fail{border-color:var(--fail)}header.unsure{border-color:var(--unsure)}
        .run{margin:0;color:var(--dim);font-size:.9rem}
        .badge{display:inline-block;padding:0 .5em;border-radius:4px;color:var(--bg);background:var(--dim);letter-spacing:.02em}
        .pass .badge{background:var(--pass)}.fail .badge{background:var(--fail)}.unsure .badge{background:var(--unsure)}
        span.pass,span.fail,span.unsure{font-weight:600}span.pass{color:var(--pass)}span.fail{color:var(--fail)}span.unsure{color:var(--unsure)}
        dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.35rem 1rem;margin:0}
        dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}dd ul{margin:0;padding-left:1.1em}
        .facts{font-size:.92rem;margin:.8rem 0 1.2rem}
        code{font:.88em ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;background:var(--card);padding:.1em .3em;border-radius:3px}
        .tiles{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:10px;margin:1.2rem 0 0;padding:0}
        .tiles li{background:var(--card);border-radius:6px;padding:10px 12px;display:flex;flex-direction:column}
        .tiles span,.tiles small{color:var(--dim);font-size:.84rem;line-height:1.35}.tiles b{font-size:1.25rem;line-height:1.4}
        figure{margin:1.6rem 0 0;break-inside:avoid}
        figcaption p{margin:.1rem 0 .3rem;color:var(--dim);font-size:.92rem;max-width:88ch}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:0 0 .4rem;padding:0;font-size:.86rem}
        .legend li::before{content:"";display:inline-block;width:1.2em;height:.28em;margin-right:.4em;vertical-align:middle;background:var(--c);border-radius:1px}
        .plot{padding:18px 8px 24px 64px}
        svg.chart{display:block;width:100%;height:250px;overflow:visible}
        svg text{font-size:12px;fill:var(--dim)}
        .grid{stroke:var(--line);stroke-width:1;shape-rendering:crispEdges}
        .band{fill:var(--band)}.bare{fill:none}.failed{fill:var(--red);opacity:.13}
        path{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round;vector-effect:non-scaling-stroke}
        path.fill{stroke:none;fill:var(--c);opacity:.16}
        .asked{--c:var(--grey)}.sent{--c:var(--orange)}.answered{--c:var(--blue)}.error{--c:var(--red)}.timedout{--c:var(--orange)}.open{--c:var(--grey)}.notsent{--c:var(--grey)}
        .s0{--c:var(--red)}.s1{--c:var(--purple)}.s2{--c:var(--teal)}.s3{--c:var(--blue)}.base{--c:var(--orange)}path.base{stroke-dasharray:5 3}
        .p50{--c:var(--teal)}.p90{--c:var(--blue)}.p99{--c:var(--purple)}.p999{--c:var(--red)}
        path.sent{stroke-width:5;opacity:.45}path.asked{stroke-width:1}path.notsent{stroke-dasharray:5 3}
        svg text.phase,svg text.event,svg text.bound{paint-order:stroke;stroke:var(--bg);stroke-width:3px;stroke-linejoin:round}
        .phase{font-weight:600}.never{display:none}
        line.event{stroke:var(--dim);stroke-width:1;stroke-dasharray:2 3}
        line.bound{stroke:var(--orange);stroke-width:1.5;stroke-dasharray:6 4}svg text.bound{fill:var(--orange);font-weight:600}circle.bound{fill:var(--orange)}
        .pixels{image-rendering:pixelated}
        .cursor{stroke:var(--fg);stroke-width:1;visibility:hidden}.on .cursor{visibility:visible}
        #tip{position:fixed;white-space:pre;pointer-events:none;background:var(--fg);color:var(--bg);font-size:.82rem;line-height:1.4;padding:6px 9px;border-radius:4px;z-index:1}
        .scroll{overflow-x:auto;margin:.2rem 0 0}
        table{border-collapse:collapse;width:100%;font-size:.88rem}
        .cap{margin:.9rem 0 0;color:var(--dim);font-size:.88rem}.s{white-space:nowrap}
        th,td{text-align:left;padding:.32rem 1rem .32rem 0;border-bottom:1px solid var(--line);vertical-align:top}
        th{font-weight:600}.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}
        .sum{margin:.3rem 0;overflow-wrap:anywhere}#accounting{margin-top:1.8rem}details{margin-top:.8rem;font-size:.92rem}summary{cursor:pointer}
        @media (max-width:999px){.wide{display:none}}
        @media (max-width:699px){.mid{display:none}main{padding:14px 12px 32px}dl{grid-template-columns:minmax(0,1fr);gap:0}dt{margin-top:.5rem;font-size:.86rem}.plot{padding-left:56px}svg text{font-size:11px}}
        @media print{body{font-size:11pt}main{max-width:none;padding:0}.wide{display:none}#tip{display:none}svg.chart{height:210px}section,h2,h3{break-after:auto}h2,h3,.cap{break-after:avoid}tr{break-inside:avoid}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
        """;
}
