/// The release that all executables of this package belong to.
public enum ProductVersion {
    /// Semantic version, as `--version` prints it.
    public static let current = "0.1.0"
}
