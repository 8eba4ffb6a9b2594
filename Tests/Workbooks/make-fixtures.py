#!/usr/bin/env python3
"""Makes the workbooks in Fixtures with four writers: openpyxl 3.1.5, xlsxwriter 3.2.9, pandas 3.1.1, LibreOffice 7.4.7 (soffice).

    python3 -m venv v && v/bin/pip install openpyxl==3.1.5 xlsxwriter==3.2.9 pandas==3.1.1
    v/bin/python make-fixtures.py [soffice]

Each holds the same cells where the writer can write them: an order export as Pinduoduo's of 2026, with people and numbers that are invented.
"""
import datetime
import pathlib
import shutil
import subprocess
import sys

import openpyxl
import pandas
import xlsxwriter

OUT = pathlib.Path(__file__).parent / "Fixtures"
HEADER = [
    "订单成交时间", "商品", "订单号", "订单状态", "商品总价(元)", "商品数量(件)", "收货人", "手机", "是否审核中", "省", "市", "区", "街道/镇", "样式ID",
    "商品规格", "商家编码-规格维度", "商家编码-商品维度", "商家备注", "售后状态",
]
TIME = datetime.datetime(2026, 11, 20, 9, 15, 4)


def order(number, **changes):
    row = dict(zip(HEADER, [
        TIME, "不锈钢保温杯500ml", f"261120-4000002944109{number}", "待发货", 1299.1, 3, "收件Li", f"199000000{number}-1234", "否", "浙江省", "杭州市",
        "余杭区", "仓前街道金丝雀路90号A座", 1700000000001, "500ml,黑色", "BW-500", "BW", "加急", "无售后或售后取消"]))
    row.update(changes)
    return [row[name] for name in HEADER]


ROWS = [
    HEADER,
    order("01"),
    order("02", **{"样式ID": 1234567890123456, "订单成交时间": "2026-11-20 09:15:04\t", "商品总价(元)": "1,299.10"}),
    order("03", **{"商家备注": "一行\n二行"}),
]
FORMULA = "=2+1"


def with_openpyxl():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "订单"
    for row in ROWS:
        sheet.append(row)
    for cell in sheet["A"][1:]:
        cell.number_format = "yyyy-mm-dd h:mm:ss"
    sheet.cell(4, HEADER.index("商品数量(件)") + 1).value = FORMULA
    note = book.create_sheet("说明", 0)
    note["A1"] = "名称：待发货订单"
    hidden = book.create_sheet("旧订单")
    hidden.append(HEADER)
    hidden.append(order("99"))
    hidden.sheet_state = "hidden"
    book.save(OUT / "openpyxl.xlsx")


def with_xlsxwriter(name, options):
    book = xlsxwriter.Workbook(OUT / name, options)
    sheet = book.add_worksheet("订单")
    days = book.add_format({"num_format": "YYYY-MM-DD HH:MM:SS"})
    for line, row in enumerate(ROWS):
        for column, value in enumerate(row):
            if isinstance(value, datetime.datetime):
                sheet.write_datetime(line, column, value, days)
            elif line == 3 and HEADER[column] == "商品数量(件)":
                sheet.write_formula(line, column, FORMULA)
            else:
                sheet.write(line, column, value)
    book.close()


def with_pandas():
    frame = pandas.DataFrame(ROWS[1:], columns=HEADER)
    with pandas.ExcelWriter(OUT / "pandas.xlsx", engine="xlsxwriter") as writer:
        frame.to_excel(writer, sheet_name="订单", index=False)


def with_libreoffice(soffice):
    subprocess.run([soffice, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", "/tmp/daifa-fixtures",
                    str(OUT / "openpyxl.xlsx")], check=True)
    shutil.move("/tmp/daifa-fixtures/openpyxl.xlsx", OUT / "libreoffice.xlsx")
    subprocess.run([soffice, "--headless", "--convert-to", "xls:MS Excel 97", "--outdir", "/tmp/daifa-fixtures",
                    str(OUT / "xlsxwriter.xlsx")], check=True)
    shutil.move("/tmp/daifa-fixtures/xlsxwriter.xls", OUT / "old.xls")
    subprocess.run([soffice, "--headless", "--convert-to", "ods", "--outdir", "/tmp/daifa-fixtures",
                    str(OUT / "xlsxwriter.xlsx")], check=True)
    shutil.move("/tmp/daifa-fixtures/xlsxwriter.ods", OUT / "open.ods")


OUT.mkdir(exist_ok=True)
with_openpyxl()
with_xlsxwriter("xlsxwriter.xlsx", {})
with_xlsxwriter("xlsxwriter-constant-memory.xlsx", {"constant_memory": True})
with_pandas()
if len(sys.argv) > 1:
    with_libreoffice(sys.argv[1])
