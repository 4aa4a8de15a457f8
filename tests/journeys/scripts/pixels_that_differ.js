async ([one, two]) => {
  const pixels = async (text) => {
    const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + text)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, picture.width, picture.height).data;
  };
  const light = (data, at) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, n) => {
    const v = data[at + n] / 255;
    return sum + weight * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const [a, b] = [await pixels(one), await pixels(two)];
  if (a.length !== b.length) return -1;
  let count = 0;
  for (let at = 0; at < a.length; at += 4) {
    const [high, low] = [light(a, at), light(b, at)].sort((x, y) => y - x);
    if ((high + 0.05) / (low + 0.05) >= 3) count += 1;
  }
  return count;
}
