internal import CCairo

/// A file in memory that pages are drawn to, on cairo.
final class Canvas {
    enum Format { case pdf, svg }

    /// What cairo writes to.
    private final class Sink {
        var bytes: [UInt8] = []
    }

    private let sink = Sink()
    private let surface: OpaquePointer
    private let cairo: OpaquePointer

    init(_ format: Format) {
        let write: cairo_write_func_t = { closure, bytes, count in
            guard let closure, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
            Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().bytes.append(
                contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
            return CAIRO_STATUS_SUCCESS
        }
        // `deinit` destroys the surface while the sink is still there.
        let closure = Unmanaged.passUnretained(sink).toOpaque()
        let point = FittedText.millimetre
        switch format {
        case .pdf:
            surface = cairo_pdf_surface_create_for_stream(write, closure, LabelLayout.width * point, LabelLayout.height * point)
            cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, "Shipping labels")
            // cairo writes the present time unless it is given another; an empty one is left out.
            cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "")
            cairo = cairo_create(surface)
        case .svg:
            // cairo writes these numbers before the unit's name and converts nothing.
            surface = cairo_svg_surface_create_for_stream(write, closure, LabelLayout.width, LabelLayout.height)
            cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_MM)
            cairo = cairo_create(surface)
            cairo_scale(cairo, 1 / point, 1 / point)
        }
    }

    deinit {
        cairo_destroy(cairo)
        cairo_surface_destroy(surface)
    }

    func draw(_ page: FittedPage) {
        cairo_set_source_rgb(cairo, 1, 1, 1)
        rectangle(x: 0, y: 0, width: LabelLayout.width, height: LabelLayout.height)
        cairo_fill(cairo)
        cairo_set_source_rgb(cairo, 0, 0, 0)
        for y in page.rules {
            rectangle(x: LabelLayout.margin, y: y, width: LabelLayout.width - 2 * LabelLayout.margin, height: LabelPage.ruleHeight)
        }
        if let block = page.barCode {
            for bar in page.bars { rectangle(x: bar.x, y: block.top, width: bar.width, height: block.height) }
        }
        cairo_fill(cairo)
        for text in page.texts { text.text.draw(cairo, left: text.left, top: text.top) }
        cairo_show_page(cairo)
    }

    /// The whole file; nothing can be drawn any more.
    /// - Throws: `LabelError` `drawing`.
    func finish() throws(LabelError) -> [UInt8] {
        cairo_surface_finish(surface)
        for status in [cairo_status(cairo), cairo_surface_status(surface)] where status != CAIRO_STATUS_SUCCESS {
            throw .drawing(String(cString: cairo_status_to_string(status)))
        }
        return sink.bytes
    }

    /// In millimetres.
    private func rectangle(x: Double, y: Double, width: Double, height: Double) {
        let unit = FittedText.millimetre
        cairo_rectangle(cairo, x * unit, y * unit, width * unit, height * unit)
    }
}
