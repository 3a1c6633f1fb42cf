// hdr-histogram-js on the histograms of a log of ours: a line per interval, numbers only.
//
// usage: reader.js LOG
'use strict';
const fs = require('fs');
const hdr = require('hdr-histogram-js');

for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\n')) {
  if (line === '' || line[0] === '#' || line[0] === '"') continue;
  const histogram = hdr.decodeFromCompressedBase64(line.slice(line.lastIndexOf(',') + 1), 64);
  console.log([histogram.totalCount, ...[50, 99, 99.9].map(p => histogram.getValueAtPercentile(p)), histogram.maxValue].join(','));
}
