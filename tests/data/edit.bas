' Changes a workbook as a person would: a line of a file is an order, the sheet it is for, and what it says.

Option Explicit

Sub Edit(original As String, edited As String, told As String)
    On Error GoTo Failed
    Dim book As Object
    book = StarDesktop.loadComponentFromURL(original, "_blank", 0, Array(Value("Hidden", True)))
    Dim order As String, parts() As String, number As Integer
    number = FreeFile
    Open told For Input As #number
    While Not Eof(number)
        Line Input #number, order
        parts = Split(order, Chr(9))
        Act book.Sheets.getByName(parts(1)), parts
    Wend
    Close #number
    book.storeToURL edited, Array(Value("FilterName", "Calc MS Excel 2007 XML"))
    book.close True
    StarDesktop.terminate
    Exit Sub
Failed:
    ' without a screen nobody sees an error: it is told in a file
    Open told & ".failed" For Output As #9
    Print #9, order & ": " & Error$ & " (line " & Erl & ")"
    Close #9
    StarDesktop.terminate
End Sub

Sub Act(sheet As Object, parts() As String)
    Select Case parts(0)
        Case "set": Cell(sheet, parts(2), parts(3)).String = parts(4)
        Case "delete": sheet.Rows.removeByIndex RowOf(sheet, parts(2)), 1
        Case "insert"
            sheet.Rows.insertByIndex 2, 1
            sheet.getCellByPosition(ColumnOf(sheet, parts(2)), 2).String = parts(3)
        Case "sort": Sort sheet, ColumnOf(sheet, parts(2))
        Case "filter": Filter sheet, ColumnOf(sheet, parts(2)), parts(3)
    End Select
End Sub

Function Used(sheet As Object) As Object
    Dim cursor As Object
    cursor = sheet.createCursor
    cursor.gotoEndOfUsedArea False
    Used = cursor.RangeAddress
End Function

Function ColumnOf(sheet As Object, header As String) As Long
    Dim column As Long
    For column = 0 To 255
        If sheet.getCellByPosition(column, 0).String = header Then
            ColumnOf = column
            Exit Function
        End If
    Next
    Error 5
End Function

Function RowOf(sheet As Object, key As String) As Long
    Dim row As Long, column As Long
    column = ColumnOf(sheet, "_Step")
    For row = 1 To 100000
        If sheet.getCellByPosition(column, row).String = key Then
            RowOf = row
            Exit Function
        End If
    Next
    Error 5
End Function

Function Cell(sheet As Object, key As String, header As String) As Object
    Cell = sheet.getCellByPosition(ColumnOf(sheet, header), RowOf(sheet, key))
End Function

Sub Sort(sheet As Object, column As Long)
    Dim field As New com.sun.star.table.TableSortField
    field.Field = column
    field.IsAscending = False
    Dim last As Object
    last = Used(sheet)
    sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow).sort(Array(Value("ContainsHeader", True), Value("SortFields", Array(field))))
End Sub

Sub Filter(sheet As Object, column As Long, wanted As String)
    Dim field(0) As New com.sun.star.sheet.TableFilterField
    field(0).Field = column
    field(0).IsNumeric = False
    field(0).StringValue = wanted
    field(0).Operator = com.sun.star.sheet.FilterOperator.EQUAL
    Dim last As Object, shown As Object, range As Object
    last = Used(sheet)
    range = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    shown = range.createFilterDescriptor(True)
    shown.ContainsHeader = True
    shown.setFilterFields(field())
    range.filter(shown)
End Sub

Function Value(name As String, given As Variant) As Object
    Dim property As New com.sun.star.beans.PropertyValue
    property.Name = name
    property.Value = given
    Value = property
End Function
