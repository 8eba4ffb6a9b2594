import Contracts
import HTTP
import Texts

/// The page for a person who comes back from a partner's login.
enum ConsentPage {
    /// The partner gave a code.
    case received
    /// The partner says that there is no consent.
    case denied

    private var brand: LocalizedText { LocalizedText(zh: "代发", vi: "Daifa", en: "Daifa") }

    private var title: LocalizedText {
        switch self {
        case .received: LocalizedText(zh: "授权已收到", vi: "Đã nhận ủy quyền", en: "Authorization received")
        case .denied: LocalizedText(zh: "授权未完成", vi: "Chưa được ủy quyền", en: "Not authorized")
        }
    }

    private var text: LocalizedText {
        switch self {
        case .received:
            LocalizedText(
                zh: "请回到代发继续操作，授权结果会显示在那里。此页面可以关闭。", vi: "Hãy quay lại Daifa để tiếp tục, kết quả sẽ hiện ở đó. Bạn có thể đóng trang này.",
                en: "Go on in Daifa: the result shows there. You can close this page.")
        case .denied:
            LocalizedText(
                zh: "合作平台没有授予权限。请回到代发查看原因，并重新发起授权。此页面可以关闭。",
                vi: "Đối tác chưa cấp quyền. Hãy quay lại Daifa để xem lý do và bắt đầu lại. Bạn có thể đóng trang này.",
                en: "The partner did not give access. Go on in Daifa to see why, and begin again there. You can close this page.")
        }
    }

    func response(_ language: Language) -> HTTPResponse {
        let html = """
            <!doctype html>
            <html lang="\(language.tag)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title[language]) · \(brand[language])</title>
            </head>
            <body>
            <main>
            <h1>\(title[language])</h1>
            <p>\(text[language])</p>
            </main>
            </body>
            </html>

            """
        return HTTPResponse(
            status: 200,
            headers: SafeHeaders.all + [
                ("Content-Type", "text/html; charset=utf-8"), ("Content-Language", language.tag), ("Vary", "Accept-Language"),
            ], body: Array(html.utf8))
    }
}
