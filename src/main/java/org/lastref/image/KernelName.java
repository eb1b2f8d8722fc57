package org.lastref.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which of the kernels in {@code harness/kernel}.
 *
 * @param version of Linux, the name of a folder there, such as {@code 6.1}, or of Debian's package,
 *     such as {@code 6.12.107-1~deb12u1}
 * @param variant {@link KernelBuild#PLAIN}, or the name of a fragment in that folder's {@code
 *     variants}
 * @param ofDefault whether the version is the one that is meant where none is named
 */
public record KernelName(String version, String variant, boolean ofDefault) {

  private static final Pattern SERIES = Pattern.compile("^[0-9]+\\.[0-9]+");

  /** Whether it is the kernel that is taken where none is chosen. */
  public boolean isDefault() {
    return ofDefault && isPlain();
  }

  private boolean isPlain() {
    return variant.equals(KernelBuild.PLAIN);
  }

  /** The name that is never short of anything, such as {@code 6.1/plain}. */
  public String inFull() {
    return version + "/" + variant;
  }

  /** The folder in {@code harness/kernel} that it is built with: the first two numbers. */
  public String series() {
    Matcher numbers = SERIES.matcher(version);
    return numbers.find() ? numbers.group() : version;
  }

  /** Whether it is a folder's of this variant; the plain one where none is named. */
  boolean isOf(String folder, @Nullable String other) {
    return version.equals(folder) && variant.equals(other == null ? KernelBuild.PLAIN : other);
  }

  /** The same variant of a version of Debian's packages. */
  KernelName of(String packaged) {
    return new KernelName(packaged, variant, false);
  }

  /** Whether a word means it: its name in full, as briefly as possible, or a plain's version. */
  boolean isMeantBy(String word) {
    return word.equals(inFull()) || word.equals(toString()) || (isPlain() && word.equals(version));
  }

  /** As briefly as it can be named: {@code plain}, {@code kasan}, {@code 6.12}. */
  @Override
  public String toString() {
    return ofDefault ? variant : isPlain() ? version : inFull();
  }
}
