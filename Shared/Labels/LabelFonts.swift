internal import CPango

/// The fonts of labels, as fontconfig finds them. They are named, not left to the system's "Sans": that is another font for each locale, and
/// Japanese forms of Chinese characters are wrong on a label.
public struct LabelFonts: Sendable, Equatable {
    /// A font that the machine has not.
    public struct Missing: Sendable, Equatable, CustomStringConvertible {
        public let family: String
        /// Debian's package.
        public let package: String
        /// Without it nothing is printed; without the others rare characters are refused.
        public let isNeeded: Bool

        public init(family: String, package: String, isNeeded: Bool = false) {
            (self.family, self.package, self.isNeeded) = (family, package, isNeeded)
        }

        public var description: String { "The font \(family) is missing: install the package \(package)." }
    }

    /// Draws nearly all texts; without it nothing is printed.
    let text: Missing
    /// Draw the rare characters of names and places, which `text` lacks.
    let rare: [Missing]

    public init() {
        self.init(
            text: Missing(family: "Noto Sans CJK SC", package: "fonts-noto-cjk", isNeeded: true),
            rare: ["HanaMinA", "HanaMinB"].map { Missing(family: $0, package: "fonts-hanazono") })
    }

    init(text: Missing, rare: [Missing] = []) {
        self.text = text
        self.rare = rare
    }

    /// Those that this machine has not. To be asked at a program's start: a machine without HanaMin prints, but refuses rare characters.
    public func check() -> [Missing] { FontSet(self).missing }
}

/// Fonts opened for one thread at a time.
final class FontSet {
    let handle: OpaquePointer
    let missing: [LabelFonts.Missing]

    init(_ fonts: LabelFonts) {
        let all = [fonts.text] + fonts.rare
        let families = all.map(\.family).joined(separator: ",")
        DrawingLock.lock()
        defer { DrawingLock.unlock() }
        let handle = daifa_pango_fonts_new(families, "zh-hans")
        self.handle = handle
        missing = all.filter { daifa_pango_fonts_have(handle, $0.family) == 0 }
    }

    deinit {
        DrawingLock.lock()
        daifa_pango_fonts_free(handle)
        DrawingLock.unlock()
    }
}
