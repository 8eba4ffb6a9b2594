import Web

extension PageFrame {
    /// What has come of something, before the rest of a page.
    /// - Parameter style: `good`, `warn`, `bad`, or empty.
    func message(_ text: String, style: String = "good") -> HTML {
        div(.class("message \(style)".trimmedBlanks), .role("status")) { p(text) }
    }
}
