/// The release that all executables of this package belong to.
public enum Release {
    /// Semantic version, as `--version` prints it.
    public static let version = "0.1.0"
}
