package org.lastref.report;

/**
 * The verdict on a case in a word, for tables.
 *
 * @param in in how many cycles, or boots; of what is clean, how many devices have a driver
 * @param of of how many; 0 where that is not counted
 */
public record CaseWord(Kind kind, int in, int of) {

  /** What is said. */
  public enum Kind {
    CLEAN("clean"),
    /** No driver came, so that nothing was exercised. */
    UNTESTED("untested"),
    /** Clean as under no known policy. */
    CLEAN_NEW("clean, new"),
    /** Nodes were reported. */
    LEAKS("leaks"),
    /** Another promise than that was broken. */
    BREAKS("breaks"),
    /** It is not in the model. */
    DIFFERS("differs"),
    /** The kernel complained. */
    BUG("bug"),
    DIES("dies"),
    HANGS("hangs"),
    /** A removal does not end while somebody has something open. */
    WAITS("waits"),
    /** A kernel of the user's own went down. */
    DIED("died"),
    /** A removal did not end as it should. */
    STUCK("stuck"),
    /** A device waits for another one, and has no driver. */
    UNPROBED("not probed"),
    /** A device has a driver that was expected to have none. */
    PROBED("probed"),
    /** Something that no reference shows is there still. */
    LEFTOVER("leftover"),
    /** References were not. */
    NOT_RETURNED("not returned"),
    PASS("pass"),
    BOOTS("boots"),
    NO_BOOT("no boot"),
    /** An input could not be taken. */
    REFUSED("refused"),
    NO_VERDICT("no verdict");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** One that counts nothing. */
  public CaseWord(Kind kind) {
    this(kind, 0, 0);
  }

  @Override
  public String toString() {
    if (of == 0) {
      return kind.toString();
    }
    return "%s %d/%d%s".formatted(kind, in, of, kind == Kind.CLEAN ? " bound" : "");
  }
}
