public import Contracts
public import JSON

/// How far one list of a shop is read: window by window, and within a window page by page, from the last to the first.
///
/// The platform gives the rows that changed within a window, page by page, as they are when it is asked. A row that changes while we read
/// drops out of this window, and later rows shift forward by one: reading pages last to first may show a row twice but never skips one. A
/// window's end stays so far behind the platform's clock that nothing enters it any more; should the platform count more rows all the
/// same, the window is read again. One window begins before the end of the last: whether the ends belong to it is not documented. A row
/// that comes twice changes nothing (`SeenOrderMachine`).
///
/// The place is stored together with what a page led to. So nothing is missed across a restart, and nothing counts twice.
public struct DownloadCursor: DefaultInitializable, Equatable {
    public var kind = DownloadKind.orders
    /// Whether the policy wants it at present; the place is kept meanwhile.
    public var isOn = false
    /// All that changed before has been read; milliseconds since 1970 on the platform's clock. nil: nothing has.
    public var readTo: Int?
    /// The window that is being read.
    public var window: DownloadWindow?
    /// The refusal that was told.
    public var refusal: String?

    public init() {}
    public init(_ kind: DownloadKind) { self.kind = kind }

    public static let fields = Fields<DownloadCursor>(
        Field("kind", \.kind), Field("on", \.isOn), Field("readTo", \.readTo), Field("window", \.window), Field("refusal", \.refusal))

    /// The step after a page.
    public enum Progress: Sendable, Equatable {
        /// The window has another page.
        case page
        /// The window is read, and there is more behind it.
        case window
        /// Everything is read that may be read by now.
        case caughtUp
    }

    /// A page was read; the cursor moves on.
    public mutating func pass(_ page: DownloadedPage) -> Progress {
        let bounds = page.bounds
        // The first page was asked for the number of rows; where that is all there is, it is the window.
        guard let window, window.bounds == bounds else {
            return page.total <= Self.pageSize ? finish(bounds) : begin(bounds, total: page.total)
        }
        if page.total > window.total { return begin(bounds, total: page.total) }
        guard window.page > 1 else { return finish(bounds) }
        // Nothing lies behind the last page of what is there now.
        self.window?.page = min(window.page - 1, max(1, Self.pages(of: page.total)))
        self.window?.total = page.total
        return .page
    }

    private mutating func begin(_ bounds: DownloadBounds, total: Int) -> Progress {
        window = DownloadWindow(bounds, total: total, page: max(1, Self.pages(of: total)))
        return .page
    }

    private static func pages(of total: Int) -> Int { total / pageSize + (total % pageSize == 0 ? 0 : 1) }

    private mutating func finish(_ bounds: DownloadBounds) -> Progress {
        readTo = bounds.to
        window = nil
        return bounds.isLatest ? .caughtUp : .window
    }

    /// Rows on a page: the most that the platform gives.
    public static let pageSize = 100
}

/// From when to when; milliseconds since 1970 on the platform's clock, whole seconds.
public struct DownloadBounds: DefaultInitializable, Equatable {
    public var from = 0
    public var to = 0
    /// It reaches as near to the present as is safe.
    public var isLatest = false

    public init() {}
    public init(from: Int, to: Int, isLatest: Bool) {
        self.from = from
        self.to = to
        self.isLatest = isLatest
    }

    public static let fields = Fields<DownloadBounds>(Field("from", \.from), Field("to", \.to), Field("latest", \.isLatest))

    /// The longest window that the platforms' lists take: 30 minutes.
    public static let longest = 1_800_000
    /// Milliseconds by which a window begins before the end of the last.
    public static let overlap = 1000
    /// How far back the platform has orders: three months, and assigned ones about one; a margin is left.
    public static func reach(of kind: DownloadKind) -> Int { (kind == .factoryOrders ? 29 : 89) * 86_400_000 }

    /// The window after `readTo`; nil while it would be empty.
    /// - Parameters:
    ///   - clock: the platform's.
    ///   - lag: milliseconds that its end stays behind that.
    ///   - history: milliseconds that the first window reaches back.
    public static func next(
        after readTo: Int?, of kind: DownloadKind, clock: Int, lag: Int, history: Int
    ) -> DownloadBounds? {
        let latest = wholeSeconds(clock - lag)
        let start = readTo.map { $0 - overlap } ?? clock - history
        let from = wholeSeconds(max(start, clock - reach(of: kind)))
        let to = min(latest, from + longest)
        guard to > max(from, readTo ?? from) else { return nil }
        return DownloadBounds(from: from, to: to, isLatest: to == latest)
    }

    private static func wholeSeconds(_ milliseconds: Int) -> Int { milliseconds - milliseconds % 1000 }
}

/// A window of more than one page.
public struct DownloadWindow: DefaultInitializable, Equatable {
    public var bounds = DownloadBounds()
    /// Rows as last counted.
    public var total = 0
    /// To be read next; 1 is the last one to be read.
    public var page = 1

    public init() {}
    init(_ bounds: DownloadBounds, total: Int, page: Int) {
        self.bounds = bounds
        self.total = total
        self.page = page
    }

    public static let fields = Fields<DownloadWindow>(Field("bounds", \.bounds), Field("total", \.total), Field("page", \.page))
}

/// The content of one page of a list.
public struct DownloadedPage: Sendable, Equatable {
    public var bounds: DownloadBounds
    /// Rows of the window.
    public var total: Int
    public var orders: [OrderSeen]
    public var afterSales: [AfterSaleSeen]

    public init(bounds: DownloadBounds, total: Int, orders: [OrderSeen] = [], afterSales: [AfterSaleSeen] = []) {
        self.bounds = bounds
        self.total = total
        self.orders = orders
        self.afterSales = afterSales
    }
}
