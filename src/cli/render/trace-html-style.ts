/** Style and script of the page that `trace --html` writes. Colours follow the reader's own setting. */
export const traceStyle = `
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#f3f4f6;--line:#d0d5dc;--quiet:#646c78;--good:#15743a;--bad:#b42318;--warn:#8a5a00;
--name:#0e7490;--tcp:#1d4ed8;--tls:#7e22ce;--certificate:#a21caf;--request:#15803d;--wait:#ca8a04;--content:#16a34a;--close:#6b7280}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--paper:#14171b;--soft:#1d2126;--line:#363c44;--quiet:#98a1ad;--good:#4ade80;--bad:#f87171;--warn:#fbbf24;
--name:#22d3ee;--tcp:#60a5fa;--tls:#c084fc;--certificate:#e879f9;--request:#4ade80;--wait:#facc15;--content:#86efac;--close:#9ca3af}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
html[data-show=en] [lang=zh-CN],html[data-show=zh] [lang=en]{display:none}
header,main,footer{max-width:1080px;margin:0 auto;padding:1rem 1.25rem}
header{border-bottom:3px solid var(--good)}header.failed{border-color:var(--bad)}
h1{font-size:1.35rem;margin:.2rem 0;overflow-wrap:anywhere}.fine .mark{color:var(--good)}.failed .mark,.sentence{color:var(--bad)}
h2{font-size:1.1rem;margin:1.6rem 0 .5rem;overflow-wrap:anywhere}h3{font-size:1rem;margin:1.1rem 0 .3rem}small,.facts,footer{color:var(--quiet);font-weight:normal}
.facts{margin:.15rem 0}
button{float:right;font:inherit;padding:.2rem .7rem;border:1px solid var(--line);border-radius:.4rem;background:var(--soft);color:inherit;cursor:pointer}
.waterfall{width:100%;border-collapse:collapse;font-size:.86rem;table-layout:fixed}.waterfall td{padding:.15rem .3rem;border-bottom:1px solid var(--soft);white-space:nowrap;overflow:hidden;text-overflow:ellipsis;width:3.2rem}
.waterfall .what{width:32%}.waterfall .ms{width:5.5rem;text-align:right;font-variant-numeric:tabular-nums}.waterfall .bars{width:auto}.bad td{color:var(--bad)}
.bars div{position:relative;height:.95rem;background:var(--soft);border-radius:.2rem}.bars i{position:absolute;top:.1rem;bottom:.1rem;min-width:2px;border-radius:.15rem}
.legend{font-size:.84rem;color:var(--quiet)}.legend span{margin-right:.9rem}.legend i{display:inline-block;width:.75rem;height:.75rem;border-radius:.15rem;margin-right:.3rem;vertical-align:-.05rem}
i.name{background:var(--name)}i.tcp{background:var(--tcp)}i.tls{background:var(--tls)}i.certificate{background:var(--certificate)}i.request{background:var(--request)}i.wait{background:var(--wait)}i.content{background:var(--content)}i.close{background:var(--close)}
.ladder{border-left:2px solid var(--line);border-right:2px solid var(--line);padding:.25rem .4rem}
.rung{display:flex;gap:.6rem;padding:.1rem 0;align-items:baseline}.rung time{flex:0 0 4.2rem;text-align:right;color:var(--quiet);font-size:.8rem;font-variant-numeric:tabular-nums}
.rung span{flex:1;min-width:0;overflow-wrap:anywhere}.rung em{color:var(--quiet)}
.rung.sent>span,.rung.received>span{display:flex;align-items:center;gap:.5rem}.rung.sent>span>*,.rung.received>span>*{flex:0 1 auto;min-width:0}
.rung.sent>span{color:var(--request)}.rung.received>span{color:var(--tcp)}.rung.here>span{color:var(--quiet)}
.rung.sent>span::after,.rung.received>span::before{flex:1 1 3rem;min-width:3rem;font-size:.7rem;line-height:1;background:linear-gradient(currentColor,currentColor) no-repeat center/calc(100% - .9rem) 1px}
.rung.sent>span::after{content:"▶";text-align:right}.rung.received>span::before{content:"◀"}
details>summary{list-style:none;cursor:pointer}details>summary::-webkit-details-marker{display:none}details>summary .rung:hover{background:var(--soft)}
details.chapter>summary{padding:.3rem 0;overflow-wrap:anywhere;border-bottom:1px solid var(--soft)}
.fields{margin:.2rem 0 .4rem 4.8rem;font-size:.86rem;border-collapse:collapse}.fields th{text-align:left;font-weight:600;padding:.05rem .8rem .05rem 0;vertical-align:top;white-space:pre-wrap}.fields td{padding:.05rem .8rem .05rem 0;overflow-wrap:anywhere;vertical-align:top}.note{color:var(--quiet)}
pre{margin:.2rem 0 .5rem 4.8rem;padding:.5rem;background:var(--soft);border-radius:.3rem;font-size:.76rem;line-height:1.35;max-height:18rem;overflow:auto}
ul{list-style:none;margin:.3rem 0;padding:0}.checks{font-size:.9rem;margin-left:4.8rem}.checks .info b{color:var(--good)}li.error{color:var(--bad)}li.warning b{color:var(--warn)}
.findings li{padding:.35rem 0;border-bottom:1px solid var(--soft)}.mend{margin:.1rem 0 0 1.1rem;color:var(--ink)}code{font-size:.8rem;color:var(--quiet)}
@media print{button{display:none}}
`;

export const traceScript = `document.getElementById('language').addEventListener('click',()=>{const e=document.documentElement;e.dataset.show=e.dataset.show==='en'?'zh':'en'})`;
