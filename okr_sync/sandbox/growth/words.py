"""What issues and tickets are about. `{client}` stands for the client's name."""

from __future__ import annotations

SUMMARIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("WEB", "Project"): (
        "Thiết kế website mới cho {client}",
        "Landing page chiến dịch mùa hè – {client}",
        "Nâng cấp trang thanh toán – {client}",
        "Website đa ngôn ngữ – {client}",
    ),
    ("WEB", "Epic"): ("Giao diện trang chủ – {client}", "Tích hợp cổng thanh toán – {client}"),
    ("WEB", "Story"): (
        "Khách xem được giá theo combo – {client}",
        "As a visitor I can filter products – {client}",
        "Đăng ký nhận bản tin – {client}",
    ),
    ("WEB", "Task"): (
        "Dựng banner trang chủ – {client}",
        "Cắt ảnh sản phẩm và tối ưu dung lượng – {client}",
        "Set up staging server – {client}",
        "Nhập nội dung trang giới thiệu – {client}",
    ),
    ("WEB", "Bug"): (
        "Form liên hệ không gửi được mail – {client}",
        "Menu bị vỡ trên điện thoại – {client}",
        "Checkout page shows wrong total – {client}",
    ),
    ("SEO", "Project"): (
        "Gói SEO tổng thể – {client}",
        "Chiến dịch nội dung quý – {client}",
        "Technical SEO audit – {client}",
    ),
    ("SEO", "Epic"): ("Bộ từ khoá chính – {client}", "Cụm bài hướng dẫn mua hàng – {client}"),
    ("SEO", "Story"): ("Người đọc tìm thấy bài so sánh – {client}", "Trang danh mục có phần hỏi đáp – {client}"),
    ("SEO", "Task"): (
        "Viết 5 bài blog tháng này – {client}",
        "Tối ưu thẻ title và meta – {client}",
        "Báo cáo thứ hạng hằng tuần – {client}",
        "Link building outreach – {client}",
    ),
    ("SEO", "Bug"): ("Trang danh mục bị noindex – {client}", "Sitemap trả về lỗi 404 – {client}"),
    ("OPS", "Project"): ("Chuẩn hoá quy trình bàn giao – {client}", "Đào tạo dùng hệ quản trị nội dung – {client}"),
    ("OPS", "Epic"): ("Checklist nghiệm thu theo tuần – {client}", "Lịch báo cáo cố định – {client}"),
    ("OPS", "Story"): ("Khách xem được tiến độ hằng tuần – {client}", "Biên bản nghiệm thu điện tử – {client}"),
    ("OPS", "Task"): (
        "Gia hạn hợp đồng – {client}",
        "Họp tổng kết tháng – {client}",
        "Renew hosting and SSL – {client}",
        "Đối soát công nợ – {client}",
    ),
    ("OPS", "Bug"): ("Sai số trong báo cáo tháng – {client}", "Tài khoản khách bị khoá nhầm – {client}"),
}

SUBJECTS: tuple[str, ...] = (
    "Không đăng nhập được trang quản trị",
    "Nhờ đổi banner trang chủ",
    "Website tải chậm buổi tối",
    "Xin báo cáo SEO tháng trước",
    "Invoice for last month",
    "Form đặt hàng báo lỗi",
    "Cần thêm tài khoản cho nhân viên mới",
    "Email thông báo vào thư rác",
    "Đổi số hotline trên website",
    "Question about the renewal",
)
