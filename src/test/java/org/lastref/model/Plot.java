package org.lastref.model;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Plots as SVG, by hand. */
public final class Plot {

  private static final int WIDTH = 640;
  private static final int HEIGHT = 400;
  private static final int LEFT = 70;
  private static final int BOTTOM = 50;
  private static final int TOP = 40;
  private static final int RIGHT = 120;
  private static final List<String> COLOURS = List.of("#1f5fa8", "#c25a00", "#3a7d34");

  private final StringBuilder svg = new StringBuilder();

  private Plot(String title) {
    add(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif'"
            + " font-size='13'>",
        WIDTH, HEIGHT);
    add("<rect width='100%%' height='100%%' fill='white'/>");
    text(LEFT, TOP - 18, "start", title);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private void text(double x, double y, String anchor, String words) {
    add("<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>", x, y, anchor, words);
  }

  private String end() {
    return svg.append("</svg>\n").toString();
  }

  /** One bar a value, from 0. */
  public static String bars(String title, Map<String, Double> values) {
    Plot plot = new Plot(title);
    double most = values.values().stream().mapToDouble(Double::doubleValue).max().orElse(1);
    double step = (double) (HEIGHT - TOP - BOTTOM) / Math.max(1, values.size());
    double y = TOP;
    for (Map.Entry<String, Double> value : values.entrySet()) {
      double width = value.getValue() / most * (WIDTH - 2 * RIGHT - 60);
      plot.text(RIGHT, y + step / 2 + 4, "end", value.getKey());
      plot.add(
          "<rect x='%d' y='%.1f' width='%.1f' height='%.1f' fill='%s'/>",
          RIGHT + 8, y + step * 0.15, width, step * 0.7, COLOURS.get(0));
      String number = String.format(Locale.ROOT, "%.1f", value.getValue());
      plot.text(RIGHT + 14 + width, y + step / 2 + 4, "start", number);
      y += step;
    }
    return plot.end();
  }

  /** One line a series, its values on a logarithmic scale. */
  public static String lines(String title, String below, Map<String, Map<Integer, Double>> series) {
    Plot plot = new Plot(title);
    double low = Double.MAX_VALUE;
    double high = -Double.MAX_VALUE;
    int first = Integer.MAX_VALUE;
    int last = Integer.MIN_VALUE;
    for (Map<Integer, Double> points : series.values()) {
      for (Map.Entry<Integer, Double> point : points.entrySet()) {
        low = Math.min(low, Math.floor(Math.log10(point.getValue())));
        high = Math.max(high, Math.ceil(Math.log10(point.getValue())));
        first = Math.min(first, point.getKey());
        last = Math.max(last, point.getKey());
      }
    }
    double across = (double) (WIDTH - LEFT - RIGHT) / Math.max(1, last - first);
    double up = (HEIGHT - TOP - BOTTOM) / Math.max(1, high - low);
    for (double power = low; power <= high; power++) {
      double y = HEIGHT - BOTTOM - (power - low) * up;
      plot.add(
          "<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#ddd'/>", LEFT, y, WIDTH - RIGHT, y);
      int digits = (int) Math.max(0, -power);
      String value = String.format(Locale.ROOT, "%,." + digits + "f", Math.pow(10, power));
      plot.text(LEFT - 8, y + 4, "end", value);
    }
    for (int x = first; x <= last; x++) {
      plot.text(LEFT + (x - first) * across, HEIGHT - BOTTOM + 20, "middle", "" + x);
    }
    plot.text(LEFT, HEIGHT - 10, "start", below);
    Iterator<String> colours = COLOURS.iterator();
    for (Map.Entry<String, Map<Integer, Double>> each : series.entrySet()) {
      String colour = colours.next();
      StringBuilder points = new StringBuilder();
      double x = 0;
      double y = 0;
      for (Map.Entry<Integer, Double> point : each.getValue().entrySet()) {
        x = LEFT + (point.getKey() - first) * across;
        y = HEIGHT - BOTTOM - (Math.log10(point.getValue()) - low) * up;
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
        plot.add("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>", x, y, colour);
      }
      plot.add("<polyline points='%s' fill='none' stroke='%s'/>", points.toString().trim(), colour);
      plot.text(x + 8, y + 4, "start", each.getKey());
    }
    return plot.end();
  }
}
