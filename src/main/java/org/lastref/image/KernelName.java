package org.lastref.image;

/**
 * Which of the kernels in {@code harness/kernel}.
 *
 * @param version of Linux, the name of a folder there, such as {@code 6.1}
 * @param variant {@link KernelBuild#PLAIN}, or the name of a fragment in that folder's {@code
 *     variants}
 * @param ofDefault whether the version is the one that is meant where none is named
 */
public record KernelName(String version, String variant, boolean ofDefault) {

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
