<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="vi">
<context>
    <name>ArrivalsChart</name>
    <message>
        <source>Check-ins by day</source>
        <translation>Lượt vào theo ngày</translation>
    </message>
    <message>
        <source>{}: {} check-ins</source>
        <translation>{}: {} lượt vào</translation>
    </message>
    <message>
        <source>No check-ins in these days.</source>
        <translation>Không có lượt vào nào trong những ngày này.</translation>
    </message>
</context>
<context>
    <name>CapturePage</name>
    <message>
        <source>%v of %m</source>
        <translation>%v trên %m</translation>
    </message>
    <message>
        <source>Accepted pictures</source>
        <translation>Ảnh đạt yêu cầu</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>No more pictures come: choose another source</source>
        <translation>Không còn hình nữa: hãy chọn nguồn khác</translation>
    </message>
    <message>
        <source>Waiting for the camera</source>
        <translation>Đang chờ máy ảnh</translation>
    </message>
    <message>
        <source>Look at the camera</source>
        <translation>Hãy nhìn vào máy ảnh</translation>
    </message>
    <message>
        <source>Enrolling {}</source>
        <translation>Đang đăng ký {}</translation>
    </message>
    <message>
        <source>Not taken: {}</source>
        <translation>Không lấy: {}</translation>
    </message>
</context>
<context>
    <name>Checkins</name>
    <message>
        <source>In</source>
        <translation>Vào</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>Ra</translation>
    </message>
    <message>
        <source>Face</source>
        <translation>Khuôn mặt</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Mã</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>Người quản lý</translation>
    </message>
    <message>
        <source>Undone</source>
        <translation>Đã hủy</translation>
    </message>
    <message>
        <source>Corrected</source>
        <translation>Đã sửa</translation>
    </message>
    <message>
        <source>Correction</source>
        <translation>Bản sửa</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Thời gian</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Tên</translation>
    </message>
    <message>
        <source>In or out</source>
        <translation>Vào hay ra</translation>
    </message>
    <message>
        <source>By</source>
        <translation>Bằng</translation>
    </message>
    <message>
        <source>Similarity</source>
        <translation>Độ giống</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Trạng thái</translation>
    </message>
    <message>
        <source>Check-ins</source>
        <translation>Lượt vào</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>Số giờ</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>Ngày</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Số người</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Số ngày</translation>
    </message>
    <message>
        <source>Incomplete</source>
        <translation>Thiếu vào hoặc ra</translation>
    </message>
</context>
<context>
    <name>CheckinsFilter</name>
    <message>
        <source>&amp;From</source>
        <translation>&amp;Từ ngày</translation>
    </message>
    <message>
        <source>&amp;to</source>
        <translation>đế&amp;n ngày</translation>
    </message>
    <message>
        <source>First day</source>
        <translation>Ngày đầu</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>Ngày cuối</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Tên</translation>
    </message>
    <message>
        <source>Only people with this in their name</source>
        <translation>Chỉ những người có tên chứa các chữ này</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Làm mới</translation>
    </message>
</context>
<context>
    <name>CheckinsView</name>
    <message>
        <source>Check-ins</source>
        <translation>Lượt ra vào</translation>
    </message>
    <message>
        <source>Days</source>
        <translation>Từng ngày</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Từng người</translation>
    </message>
    <message>
        <source>Export CSV…</source>
        <translation>Xuất CSV…</translation>
    </message>
    <message>
        <source>Export XLSX…</source>
        <translation>Xuất XLSX…</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Đang đọc…</translation>
    </message>
    <message>
        <source>Nobody has checked in in these days.</source>
        <translation>Không có ai điểm danh trong những ngày này.</translation>
    </message>
    <message>
        <source>People: {} · check-ins: {} · hours: {}</source>
        <translation>Số người: {} · lượt vào: {} · số giờ: {}</translation>
    </message>
    <message>
        <source>{} is saved.</source>
        <translation>Đã lưu {}.</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Xuất dữ liệu</translation>
    </message>
</context>
<context>
    <name>EnrollDialog</name>
    <message>
        <source>Enroll a person</source>
        <translation>Đăng ký một người</translation>
    </message>
</context>
<context>
    <name>Enrollment</name>
    <message>
        <source>no face</source>
        <translation>không thấy khuôn mặt</translation>
    </message>
    <message>
        <source>several faces</source>
        <translation>có nhiều khuôn mặt</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>khuôn mặt bị cắt mất một phần</translation>
    </message>
    <message>
        <source>too small</source>
        <translation>quá nhỏ</translation>
    </message>
    <message>
        <source>too dark</source>
        <translation>quá tối</translation>
    </message>
    <message>
        <source>too bright</source>
        <translation>quá sáng</translation>
    </message>
    <message>
        <source>too little contrast</source>
        <translation>quá ít tương phản</translation>
    </message>
    <message>
        <source>turned too far</source>
        <translation>quay mặt quá nhiều</translation>
    </message>
    <message>
        <source>tilted</source>
        <translation>nghiêng đầu</translation>
    </message>
    <message>
        <source>moving</source>
        <translation>đang chuyển động</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>bị mờ</translation>
    </message>
    <message>
        <source>enough of this pose</source>
        <translation>đã đủ ảnh ở tư thế này</translation>
    </message>
    <message>
        <source>Look at the camera</source>
        <translation>Hãy nhìn vào máy ảnh</translation>
    </message>
    <message>
        <source>One person only, please</source>
        <translation>Vui lòng chỉ để một người trong hình</translation>
    </message>
    <message>
        <source>Move to the middle of the picture</source>
        <translation>Hãy đứng vào giữa hình</translation>
    </message>
    <message>
        <source>Come closer</source>
        <translation>Hãy lại gần hơn</translation>
    </message>
    <message>
        <source>More light, please</source>
        <translation>Vui lòng thêm ánh sáng</translation>
    </message>
    <message>
        <source>Less light, please</source>
        <translation>Vui lòng giảm ánh sáng</translation>
    </message>
    <message>
        <source>Light your face from the front, and wipe the lens</source>
        <translation>Hãy để ánh sáng chiếu từ phía trước và lau ống kính</translation>
    </message>
    <message>
        <source>Turn back towards the camera</source>
        <translation>Hãy quay lại phía máy ảnh</translation>
    </message>
    <message>
        <source>Hold your head straight</source>
        <translation>Hãy giữ đầu thẳng</translation>
    </message>
    <message>
        <source>Hold still</source>
        <translation>Hãy giữ yên</translation>
    </message>
    <message>
        <source>Hold still, or wipe the lens</source>
        <translation>Hãy giữ yên, hoặc lau ống kính</translation>
    </message>
    <message>
        <source>Look straight at the camera</source>
        <translation>Hãy nhìn thẳng vào máy ảnh</translation>
    </message>
    <message>
        <source>Turn a little to your left</source>
        <translation>Hãy quay nhẹ sang bên trái của bạn</translation>
    </message>
    <message>
        <source>Turn a little to your right</source>
        <translation>Hãy quay nhẹ sang bên phải của bạn</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Xong</translation>
    </message>
</context>
<context>
    <name>Faults</name>
    <message>
        <source>A fault in the program ({}: {}). Please report it with the log.</source>
        <translation>Chương trình có lỗi ({}: {}). Xin vui lòng báo lỗi kèm theo nhật ký.</translation>
    </message>
</context>
<context>
    <name>IdleStrip</name>
    <message>
        <source>&amp;Enroll…</source>
        <translation>Đăng &amp;ký…</translation>
    </message>
    <message>
        <source>Enroll a person</source>
        <translation>Đăng ký một người</translation>
    </message>
    <message>
        <source>Loading the models…</source>
        <translation>Đang tải các mô hình…</translation>
    </message>
    <message>
        <source>Faces are not recognized until this is mended.</source>
        <translation>Chưa thể nhận diện khuôn mặt cho đến khi khắc phục xong.</translation>
    </message>
    <message>
        <source>No more pictures come: choose another in the Source menu.</source>
        <translation>Không còn hình nữa: hãy chọn nguồn khác trong trình đơn Nguồn hình.</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet: sit in front of the camera and press Enroll.</source>
        <translation>Chưa có ai được đăng ký: hãy ngồi trước máy ảnh rồi bấm Đăng ký.</translation>
    </message>
    <message>
        <source>Click a face to see why it has its name.</source>
        <translation>Bấm vào một khuôn mặt để xem vì sao có tên đó.</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;Source</source>
        <translation>&amp;Nguồn hình</translation>
    </message>
    <message>
        <source>&amp;People</source>
        <translation>N&amp;gười</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Hiển thị</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>N&amp;gôn ngữ</translation>
    </message>
    <message>
        <source>&amp;Camera or address…</source>
        <translation>&amp;Máy ảnh hoặc địa chỉ…</translation>
    </message>
    <message>
        <source>Video &amp;file…</source>
        <translation>&amp;Tệp video…</translation>
    </message>
    <message>
        <source>&amp;Demo</source>
        <translation>Hình m&amp;inh họa</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>&amp;Cài đặt…</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>T&amp;hoát</translation>
    </message>
    <message>
        <source>&amp;Enroll…</source>
        <translation>Đăng &amp;ký…</translation>
    </message>
    <message>
        <source>&amp;Why this name?</source>
        <translation>&amp;Vì sao có tên này?</translation>
    </message>
    <message>
        <source>&amp;Check-ins…</source>
        <translation>&amp;Lượt ra vào…</translation>
    </message>
    <message>
        <source>&amp;Rates and times</source>
        <translation>&amp;Tốc độ và thời gian</translation>
    </message>
    <message>
        <source>&amp;Mirror the picture</source>
        <translation>&amp;Lật hình như gương</translation>
    </message>
    <message>
        <source>The &amp;computer&apos;s</source>
        <translation>Theo &amp;máy tính</translation>
    </message>
</context>
<context>
    <name>NamePage</name>
    <message>
        <source>Whom do you enroll?</source>
        <translation>Bạn muốn đăng ký cho ai?</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Tên</translation>
    </message>
    <message>
        <source>Name of the person</source>
        <translation>Tên của người này</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Bắt đầu</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Close the message</source>
        <translation>Đóng thông báo</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>No camera was found. This is the demo picture.</source>
        <translation>Không tìm thấy máy ảnh. Đây là hình minh họa.</translation>
    </message>
</context>
<context>
    <name>NumberPad</name>
    <message>
        <source>Erase the last digit</source>
        <translation>Xóa chữ số cuối</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
</context>
<context>
    <name>Overlay</name>
    <message>
        <source>Unknown</source>
        <translation>Chưa biết</translation>
    </message>
</context>
<context>
    <name>PeopleView</name>
    <message>
        <source>Search</source>
        <translation>Tìm</translation>
    </message>
    <message>
        <source>Search people by name</source>
        <translation>Tìm người theo tên</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Danh sách người</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Đổi tên</translation>
    </message>
    <message>
        <source>Add photos…</source>
        <translation>Thêm ảnh…</translation>
    </message>
    <message>
        <source>Merge into…</source>
        <translation>Gộp vào…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Xóa</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Hoàn tác</translation>
    </message>
    <message>
        <source>{}
Enrolled {}
{}</source>
        <translation>{}
Đăng ký {}
{}</translation>
    </message>
    <message>
        <source>1 template</source>
        <translation>1 mẫu</translation>
    </message>
    <message>
        <source>{} templates</source>
        <translation>{} mẫu</translation>
    </message>
    <message>
        <source>{} was removed.</source>
        <translation>Đã xóa {}.</translation>
    </message>
    <message>
        <source>Bring {} back</source>
        <translation>Khôi phục {}</translation>
    </message>
    <message>
        <source>Nobody matches</source>
        <translation>Không có ai phù hợp</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet.</source>
        <translation>Chưa có ai được đăng ký.</translation>
    </message>
    <message>
        <source>{0} is the same person as the one chosen here.

The name {1} stays, and gets the pictures of {0}.
The name {0} goes. This cannot be undone.</source>
        <translation>{0} và người được chọn ở đây là một.

Tên {1} được giữ lại và nhận các ảnh của {0}.
Tên {0} sẽ mất. Không thể hoàn tác việc này.</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>Gộp</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>Thêm ảnh</translation>
    </message>
    <message>
        <source>Pictures ({})</source>
        <translation>Ảnh ({})</translation>
    </message>
</context>
<context>
    <name>PersonDelegate</name>
    <message>
        <source>New name</source>
        <translation>Tên mới</translation>
    </message>
</context>
<context>
    <name>PinDialog</name>
    <message>
        <source>Administrator</source>
        <translation>Quản trị viên</translation>
    </message>
    <message>
        <source>Type the administrator&apos;s PIN</source>
        <translation>Nhập mã PIN của quản trị viên</translation>
    </message>
    <message>
        <source>PIN</source>
        <translation>Mã PIN</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Too many wrong tries. Wait {} minutes.</source>
        <translation>Nhập sai quá nhiều lần. Vui lòng chờ {} phút.</translation>
    </message>
    <message>
        <source>Too many wrong tries. Wait {} s.</source>
        <translation>Nhập sai quá nhiều lần. Vui lòng chờ {} giây.</translation>
    </message>
    <message>
        <source>That PIN is wrong.</source>
        <translation>Mã PIN không đúng.</translation>
    </message>
</context>
<context>
    <name>QLineEdit</name>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Hoàn tác</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Làm lại</translation>
    </message>
    <message>
        <source>Cu&amp;t</source>
        <translation>&amp;Cắt</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Sao chép</translation>
    </message>
    <message>
        <source>&amp;Paste</source>
        <translation>&amp;Dán</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Xóa</translation>
    </message>
    <message>
        <source>Select All</source>
        <translation>Chọn tất cả</translation>
    </message>
</context>
<context>
    <name>QMessageBox</name>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Show Details...</source>
        <translation>Hiện chi tiết…</translation>
    </message>
    <message>
        <source>Hide Details...</source>
        <translation>Ẩn chi tiết…</translation>
    </message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>&amp;Yes</source>
        <translation>&amp;Có</translation>
    </message>
    <message>
        <source>&amp;No</source>
        <translation>&amp;Không</translation>
    </message>
</context>
<context>
    <name>QWidgetTextControl</name>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Sao chép</translation>
    </message>
    <message>
        <source>Select All</source>
        <translation>Chọn tất cả</translation>
    </message>
</context>
<context>
    <name>ReviewPage</name>
    <message>
        <source>Save</source>
        <translation>Lưu</translation>
    </message>
    <message>
        <source>New person</source>
        <translation>Người mới</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Portrait of {}</source>
        <translation>Ảnh chân dung của {}</translation>
    </message>
    <message>
        <source>This face is already enrolled as {}</source>
        <translation>Khuôn mặt này đã được đăng ký với tên {}</translation>
    </message>
    <message>
        <source>Add the new pictures to {}, unless this is another person.</source>
        <translation>Hãy thêm các ảnh mới vào {}, trừ khi đây là người khác.</translation>
    </message>
    <message>
        <source>Add to {}</source>
        <translation>Thêm vào {}</translation>
    </message>
    <message>
        <source>Enroll {} as a new person</source>
        <translation>Đăng ký {} là người mới</translation>
    </message>
    <message>
        <source>Save this face as {}?</source>
        <translation>Lưu khuôn mặt này với tên {}?</translation>
    </message>
    <message>
        <source>Looks a little like {}: take care not to confuse them.</source>
        <translation>Hơi giống {}: hãy cẩn thận để không nhầm lẫn.</translation>
    </message>
    <message>
        <source>Nobody enrolled looks like it.</source>
        <translation>Không có ai đã đăng ký giống khuôn mặt này.</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Takes effect at the next start.</source>
        <translation>Có hiệu lực từ lần khởi động sau.</translation>
    </message>
    <message>
        <source>Type a whole number from {} to {}.</source>
        <translation>Hãy nhập một số nguyên từ {} đến {}.</translation>
    </message>
    <message>
        <source>Type a whole number, {} or more.</source>
        <translation>Hãy nhập một số nguyên, từ {} trở lên.</translation>
    </message>
    <message>
        <source>Type a number from {} to {}.</source>
        <translation>Hãy nhập một số từ {} đến {}.</translation>
    </message>
    <message>
        <source>Type a number above {}, at most {}.</source>
        <translation>Hãy nhập một số lớn hơn {}, tối đa {}.</translation>
    </message>
    <message>
        <source>Type a number, {} or more.</source>
        <translation>Hãy nhập một số, từ {} trở lên.</translation>
    </message>
    <message>
        <source>Type a number above {}.</source>
        <translation>Hãy nhập một số lớn hơn {}.</translation>
    </message>
    <message>
        <source>This must not be empty.</source>
        <translation>Không được để trống.</translation>
    </message>
</context>
<context>
    <name>Settings</name>
    <message>
        <source>The computer&apos;s own</source>
        <translation>Theo máy tính</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Cửa sổ</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Hình ảnh</translation>
    </message>
    <message>
        <source>Recognition</source>
        <translation>Nhận diện</translation>
    </message>
    <message>
        <source>Enrollment</source>
        <translation>Đăng ký</translation>
    </message>
    <message>
        <source>Station</source>
        <translation>Trạm điểm danh</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Ngôn ngữ</translation>
    </message>
    <message>
        <source>en, vi, or system for the computer&apos;s own</source>
        <translation>en, vi, hoặc system để theo máy tính</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Máy ảnh</translation>
    </message>
    <message>
        <source>A camera&apos;s number, a video file, a stream&apos;s address, or demo</source>
        <translation>Số của máy ảnh, tệp video, địa chỉ luồng hình, hoặc demo</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Chiều rộng</translation>
    </message>
    <message>
        <source>Asked of the camera, pixels</source>
        <translation>Yêu cầu từ máy ảnh, tính bằng điểm ảnh</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>Chiều cao</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Tốc độ</translation>
    </message>
    <message>
        <source>Asked of the camera, frames a second</source>
        <translation>Yêu cầu từ máy ảnh, khung hình mỗi giây</translation>
    </message>
    <message>
        <source>Detector</source>
        <translation>Bộ tìm khuôn mặt</translation>
    </message>
    <message>
        <source>mtcnn places landmarks better, yunet is quicker</source>
        <translation>mtcnn định vị mắt, mũi, miệng tốt hơn; yunet nhanh hơn</translation>
    </message>
    <message>
        <source>mtcnn</source>
        <translation>mtcnn</translation>
    </message>
    <message>
        <source>yunet</source>
        <translation>yunet</translation>
    </message>
    <message>
        <source>Smallest face</source>
        <translation>Khuôn mặt nhỏ nhất</translation>
    </message>
    <message>
        <source>Pixels of the picture; 40 suits a webcam, 20 a crowd, at three times the time</source>
        <translation>Tính bằng điểm ảnh; 40 hợp với webcam, 20 hợp với đám đông nhưng lâu gấp ba</translation>
    </message>
    <message>
        <source>Embedder</source>
        <translation>Mô hình nhận diện</translation>
    </message>
    <message>
        <source>A gallery holds the templates of one embedder</source>
        <translation>Mỗi kho khuôn mặt chỉ chứa mẫu của một mô hình</translation>
    </message>
    <message>
        <source>facenet-casia-webface</source>
        <translation>facenet-casia-webface</translation>
    </message>
    <message>
        <source>facenet-vggface2</source>
        <translation>facenet-vggface2</translation>
    </message>
    <message>
        <source>sface</source>
        <translation>sface</translation>
    </message>
    <message>
        <source>Weights file</source>
        <translation>Tệp trọng số</translation>
    </message>
    <message>
        <source>For FaceNet, where its download is not possible</source>
        <translation>Cho FaceNet, khi không tải về được</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Thiết bị tính toán</translation>
    </message>
    <message>
        <source>auto measures once which is the quickest; or openvino:CPU, openvino:GPU, openvino:NPU, onnxruntime:CPU, onnxruntime:CUDA, torch:cuda</source>
        <translation>auto đo một lần để chọn thiết bị nhanh nhất; hoặc openvino:CPU, openvino:GPU, openvino:NPU, onnxruntime:CPU, onnxruntime:CUDA, torch:cuda</translation>
    </message>
    <message>
        <source>False alarms</source>
        <translation>Tỷ lệ nhận nhầm</translation>
    </message>
    <message>
        <source>The share of strangers that one look may give a name (FPIR); the threshold follows from it and from the gallery&apos;s size</source>
        <translation>Tỷ lệ người lạ có thể bị gán tên trong một lần nhìn (FPIR); ngưỡng được tính từ tỷ lệ này và từ số người trong kho</translation>
    </message>
    <message>
        <source>Frames to enroll</source>
        <translation>Số ảnh để đăng ký</translation>
    </message>
    <message>
        <source>Accepted pictures of a person</source>
        <translation>Số ảnh đạt yêu cầu của một người</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>Số liệu</translation>
    </message>
    <message>
        <source>Show the line of rates and times</source>
        <translation>Hiện dòng tốc độ và thời gian</translation>
    </message>
    <message>
        <source>Its name in the ledger</source>
        <translation>Tên của trạm trong sổ điểm danh</translation>
    </message>
    <message>
        <source>Direction</source>
        <translation>Chiều</translation>
    </message>
    <message>
        <source>Check in only, or in and out by turns</source>
        <translation>Chỉ ghi lượt vào, hoặc lần lượt vào rồi ra</translation>
    </message>
    <message>
        <source>in</source>
        <translation>chỉ vào</translation>
    </message>
    <message>
        <source>in/out</source>
        <translation>vào/ra</translation>
    </message>
    <message>
        <source>Once in</source>
        <translation>Một lần trong</translation>
    </message>
    <message>
        <source>Minutes in which a person is checked only once</source>
        <translation>Số phút mà mỗi người chỉ được ghi một lần</translation>
    </message>
    <message>
        <source>Opening hours</source>
        <translation>Giờ mở cửa</translation>
    </message>
    <message>
        <source>Such as Mon-Fri 07:00-19:00; Sat 08:00-12:00. Empty: always</source>
        <translation>Ví dụ Mon-Fri 07:00-19:00; Sat 08:00-12:00. Để trống: luôn mở</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>Xác nhận</translation>
    </message>
    <message>
        <source>A touch is needed before anything is written</source>
        <translation>Cần chạm để xác nhận trước khi ghi</translation>
    </message>
    <message>
        <source>Height in pixels, from which a face is in front of the station and not behind it</source>
        <translation>Chiều cao tính bằng điểm ảnh, từ mức này khuôn mặt được coi là đang đứng trước trạm chứ không phải phía sau</translation>
    </message>
    <message>
        <source>Card</source>
        <translation>Thẻ thông báo</translation>
    </message>
    <message>
        <source>Seconds that a card stays on the screen</source>
        <translation>Số giây thẻ ở lại trên màn hình</translation>
    </message>
    <message>
        <source>Liveness</source>
        <translation>Chống giả mạo</translation>
    </message>
    <message>
        <source>on refuses what looks like a picture; required asks everyone for one or two movements as well</source>
        <translation>“bật” từ chối những gì trông giống ảnh chụp; “bắt buộc” còn yêu cầu mọi người làm một hoặc hai động tác</translation>
    </message>
    <message>
        <source>off</source>
        <translation>tắt</translation>
    </message>
    <message>
        <source>on</source>
        <translation>bật</translation>
    </message>
    <message>
        <source>required</source>
        <translation>bắt buộc</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Lưu ảnh</translation>
    </message>
    <message>
        <source>Keep the live picture with each check-in</source>
        <translation>Lưu ảnh chụp cùng với mỗi lượt điểm danh</translation>
    </message>
    <message>
        <source>Unknown inbox</source>
        <translation>Hộp người lạ</translation>
    </message>
    <message>
        <source>Keep pictures of unknown people for a time</source>
        <translation>Lưu ảnh của người chưa biết trong một thời gian</translation>
    </message>
    <message>
        <source>Inbox kept</source>
        <translation>Thời gian lưu</translation>
    </message>
    <message>
        <source>Hours until such pictures are erased</source>
        <translation>Số giờ trước khi các ảnh đó bị xóa</translation>
    </message>
    <message>
        <source>Enroll here</source>
        <translation>Đăng ký tại trạm</translation>
    </message>
    <message>
        <source>Offer unknown people to be enrolled, after the PIN</source>
        <translation>Mời người chưa biết đăng ký, sau khi nhập mã PIN</translation>
    </message>
    <message>
        <source>Sounds</source>
        <translation>Âm thanh</translation>
    </message>
    <message>
        <source>A sound with each card</source>
        <translation>Phát âm thanh cùng mỗi thẻ thông báo</translation>
    </message>
    <message>
        <source>Spoken lines</source>
        <translation>Giọng nói</translation>
    </message>
    <message>
        <source>Say each line where the system can speak</source>
        <translation>Đọc từng dòng nếu máy tính có giọng đọc</translation>
    </message>
    <message>
        <source>Webhook</source>
        <translation>Webhook</translation>
    </message>
    <message>
        <source>Address that is told of each check-in; empty: none</source>
        <translation>Địa chỉ được báo mỗi lượt điểm danh; để trống: không báo</translation>
    </message>
    <message>
        <source>Webhook secret</source>
        <translation>Khóa webhook</translation>
    </message>
    <message>
        <source>Signs what is sent, with HMAC-SHA256</source>
        <translation>Dùng để ký dữ liệu gửi đi, bằng HMAC-SHA256</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Lệnh</translation>
    </message>
    <message>
        <source>Run on each check-in, to open a door; empty: none</source>
        <translation>Chạy ở mỗi lượt điểm danh, ví dụ để mở cửa; để trống: không chạy</translation>
    </message>
    <message>
        <source>Health port</source>
        <translation>Cổng theo dõi</translation>
    </message>
    <message>
        <source>Where this computer alone may ask how the station is; 0: nowhere</source>
        <translation>Cổng để riêng máy tính này hỏi tình trạng của trạm; 0: không mở</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Cài đặt</translation>
    </message>
    <message>
        <source>Sections</source>
        <translation>Các mục</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Lưu</translation>
    </message>
    <message>
        <source>Some changes are not saved: save or discard them.</source>
        <translation>Có thay đổi chưa được lưu: hãy lưu hoặc bỏ.</translation>
    </message>
    <message>
        <source>Discard changes</source>
        <translation>Bỏ thay đổi</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Not saved yet: one of the values cannot stand.</source>
        <translation>Chưa lưu: có một giá trị không hợp lệ.</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Opening</source>
        <translation>Đang mở</translation>
    </message>
    <message>
        <source>Not answering</source>
        <translation>Không trả lời</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>Đã hết</translation>
    </message>
    <message>
        <source>Not opened</source>
        <translation>Không mở được</translation>
    </message>
    <message>
        <source>Camera {:.0f} fps · recognition {:.0f} fps · latency {:.0f} ms · {} dropped</source>
        <translation>Máy ảnh {:.0f} hình/s · nhận diện {:.0f} hình/s · độ trễ {:.0f} ms · bỏ qua {}</translation>
    </message>
</context>
<context>
    <name>Switch</name>
    <message>
        <source>On</source>
        <translation>Bật</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Tắt</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Camera picture</source>
        <translation>Hình từ máy ảnh</translation>
    </message>
</context>
<context>
    <name>WhyCard</name>
    <message>
        <source>Why this decision</source>
        <translation>Vì sao có quyết định này</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Nearest</source>
        <translation>Giống nhất</translation>
    </message>
    <message>
        <source>Runner-up</source>
        <translation>Giống nhì</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} trên {}</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Ngưỡng</translation>
    </message>
    <message>
        <source>Votes that agree</source>
        <translation>Số phiếu đồng ý</translation>
    </message>
    <message>
        <source>Picture quality</source>
        <translation>Chất lượng ảnh</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>People</source>
        <translation>Danh sách người</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Nguồn hình</translation>
    </message>
    <message>
        <source>A camera&apos;s number, a stream&apos;s address, a path, or demo:</source>
        <translation>Số của máy ảnh, địa chỉ luồng hình, đường dẫn tệp, hoặc demo:</translation>
    </message>
    <message>
        <source>Open a video or picture</source>
        <translation>Mở video hoặc ảnh</translation>
    </message>
    <message>
        <source>{} is enrolled.</source>
        <translation>Đã đăng ký {}.</translation>
    </message>
    <message>
        <source>The name {} is not saved. {}</source>
        <translation>Chưa lưu được tên {}. {}</translation>
    </message>
    <message>
        <source>Close again to leave without it.</source>
        <translation>Đóng lần nữa để thoát mà không lưu tên này.</translation>
    </message>
    <message>
        <source>{} photos were added to {}.</source>
        <translation>Đã thêm {} ảnh vào {}.</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Ảnh</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Close the list of people</source>
        <translation>Đóng danh sách người</translation>
    </message>
</context>
</TS>
