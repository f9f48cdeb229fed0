// Distance and area on the ellipsoid (GRS 80), in metres: what a measuring officer may trust.

const A = 6378137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
const RAD = Math.PI / 180;

/** Metres between two points [lon, lat], by Vincenty's inverse formula. */
export function metres([lon1, lat1], [lon2, lat2]) {
  const L = (lon2 - lon1) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = L;
  for (let round = 0; round < 100; round += 1) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinS = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinS === 0) return 0;
    const cosS = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinS, cosS);
    const sinA = (c1 * c2 * sl) / sinS;
    const cos2A = 1 - sinA * sinA;
    const cos2M = cos2A ? cosS - (2 * s1 * s2) / cos2A : 0;
    const C = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
    const before = lambda;
    lambda = L + (1 - C) * F * sinA * (sigma + C * sinS * (cos2M + C * cosS * (2 * cos2M * cos2M - 1)));
    if (Math.abs(lambda - before) < 1e-12) {
      const uu = (cos2A * (A * A - B * B)) / (B * B);
      const k1 = 1 + (uu / 16384) * (4096 + uu * (uu * (320 - 175 * uu) - 768));
      const k2 = (uu / 1024) * (256 + uu * (uu * (74 - 47 * uu) - 128));
      const rest = (k2 / 6) * cos2M * (4 * sinS * sinS - 3) * (4 * cos2M * cos2M - 3);
      const change = k2 * sinS * (cos2M + (k2 / 4) * (cosS * (2 * cos2M * cos2M - 1) - rest));
      return B * k1 * (sigma - change);
    }
  }
  return Math.hypot((lon2 - lon1) * 111320 * Math.cos(lat1 * RAD), (lat2 - lat1) * 111195);
}

/** Metres along a line of points. */
export function length(spots) {
  return spots.slice(1).reduce((sum, spot, at) => sum + metres(spots[at], spot), 0);
}

/** Square metres inside a ring, on the sphere of the ellipsoid's own area. */
export function area(spots) {
  const e2 = F * (2 - F);
  const e = Math.sqrt(e2);
  const q = (lat) => { const s = Math.sin(lat); return (1 - e2) * (s / (1 - e2 * s * s) - Math.log((1 - e * s) / (1 + e * s)) / (2 * e)); };
  const qp = q(Math.PI / 2);
  const same = A * A * qp / 2;
  let sum = 0;
  for (let i = 0; i < spots.length; i += 1) {
    const [lon1, lat1] = spots[i]; const [lon2, lat2] = spots[(i + 1) % spots.length];
    sum += (lon2 - lon1) * RAD * (2 + q(lat1 * RAD) / qp + q(lat2 * RAD) / qp);
  }
  return Math.abs((sum * same) / 2);
}

/** 830 m, 1.24 km */
export function lengthWords(m) {
  return m < 1000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(m < 10000 ? 2 : 1)} km`;
}

/** 4,200 m², 12.3 ha, 3.40 km² */
export function areaWords(m2) {
  if (m2 < 10000) return `${Math.round(m2).toLocaleString("ja-JP")} m²`;
  return m2 < 1e6 ? `${(m2 / 10000).toFixed(1)} ha` : `${(m2 / 1e6).toFixed(2)} km²`;
}
