package evaluation

import "strings"

// Names of many origins, as they are met in a law firm. Common ones; rarer ones are made of parts (parts.go).

var surnames = lists(`
Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White Harris
Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts
Turner Phillips Parker Evans Edwards Collins Stewart Morris Cook Rogers Reed Bailey Bell Cooper Richardson Cox Ward Watson
Brooks Kelly Sanders Price Bennett Wood Barnes Ross Henderson Coleman Jenkins Perry Powell Long Patterson Hughes Washington
Butler Simmons Foster Bryant Alexander Russell Griffin Hayes Myers Ford Hamilton Graham Sullivan Wallace Woods Cole West
Jordan Owens Reynolds Fisher Ellis Harrison Gibson McDonald Cruz Marshall Gomez Murray Freeman Wells Webb Simpson Stevens
Tucker Porter Hunter Hicks Crawford Henry Boyd Mason Kennedy Warren Dixon Burns Gordon Shaw Holmes Rice Robertson Hunt Black
Daniels Palmer Mills Nichols Grant Knight Ferguson Rose Stone Hawkins Dunn Perkins Hudson Spencer Gardner Stephens Payne
Pierce Berry Matthews Arnold Wagner Willis Ray Watkins Olson Carroll Duncan Snyder Hart Cunningham Bradley Lane Andrews
Ruiz Harper Fox Riley Armstrong Carpenter Weaver Greene Lawrence Elliott Chavez Sims Austin Peters Kelley Franklin Lawson
Fields Gutierrez Ryan Schmidt Carr Vasquez Castillo Wheeler Chapman Oliver Montgomery Richards Williamson Johnston Banks Meyer
Bishop McCoy Howell Morrison Hansen Fernandez Garza Harvey Little Burton Stanley Nguyen George Jacobs Reid Kim Fuller Lynch
Dean Gilbert Garrett Romero Welch Larson Frazier Burke Hanson Day Mendoza Moreno Bowman Medina Fowler Brewer Hoffman Carlson
Silva Pearson Holland Douglas Fleming Jensen Vargas Byrd Davidson Hopkins May Terry Herrera Wade Soto Walters Curtis Neal
Caldwell Lowe Jennings Barnett Graves Jimenez Horton Shelton Barrett Obrien Castro Sutton Gregory McKinney Lucas Miles Craig
Rodriquez Chambers Holt Lambert Fletcher Watts Bates Hale Rhodes Pena Beck Newman Haynes McDaniel Mendez Bush Vaughn Parks
Dawson Santiago Norris Hardy Love Steele Curry Powers Schultz Barker Guzman Page Munoz Ball Keller Chandler Weber Leonard
Walsh Lyons Ramsey Wolfe Schneider Mullins Benson Sharp Bowen Daniel Barber Cummings Hines Baldwin Griffith Valdez Hubbard
Salazar Reeves Warner Stevenson Burgess Santos Tate Cross Garner Mann Mack Moss Thornton Dennis McGee Farmer Delgado Aguilar
Vega Glover Manning Cohen Harmon Rodgers Robbins Newton Todd Blair Higgins Ingram Reese Cannon Strickland Townsend Potter
Goodwin Walton Rowe Hampton Ortega Patton Swanson Joseph Francis Goodman Maldonado Yates Becker Erickson Hodges Rios Conner
Adkins Webster Norman Malone Hammond Flowers Cobb Moody Quinn Blake Maxwell Pope Floyd Osborne Paul McCarthy Guerrero Lindsey
Estrada Sandoval Gibbs Tyler Gross Fitzgerald Stokes Doyle Sherman Saunders Wise Colon Gill Alvarado Greer Padilla Simon
Garcia Rodriguez Martinez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres Flores Rivera Diaz Morales Ortiz Ramos
Patel Shah Singh Kumar Sharma Gupta Khan Reddy Rao Iyer Nair Mehta Desai Joshi Chopra Kapoor Malhotra Banerjee Mukherjee
Chatterjee Das Bose Menon Pillai Agarwal Bhatt Trivedi Kulkarni Deshpande Ahmed Hussain Ali Malik Qureshi Siddiqui Chaudhry
Rahman Islam Begum Hassan Ibrahim Mohamed Abdullah Haddad Khoury Nasser Mansour Farah Aziz Saleh Rashid Karimi Hosseini
Tehrani Rezaei Ahmadi Yilmaz Demir Kaya Ozturk Celik Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He
Lin Gao Luo Zheng Liang Xie Tang Han Cao Deng Feng Xiao Cheng Tsai Chang Hsu Cheung Chow Kwok Leung Wong Lam Chan Yip Fung
Tran Le Pham Huynh Hoang Phan Vu Vo Dang Bui Do Ngo Duong Ly Trinh Dinh Park Choi Jung Kang Cho Yoon Jang Lim Shin Seo Kwon
Hwang Song Bae Tanaka Suzuki Sato Takahashi Watanabe Ito Nakamura Kobayashi Kato Yoshida Yamada Sasaki Matsumoto Inoue Kimura
Shimizu Hayashi Saito Mori Abe Ikeda Hashimoto Ishikawa Ogawa Okada Fujita Reyes Bautista Ocampo Villanueva Mercado Dizon
Okafor Okonkwo Adeyemi Ogunleye Nwosu Eze Obi Chukwu Balogun Mensah Owusu Boateng Asante Diallo Traore Keita Toure Kamau
Mwangi Otieno Njoroge Odhiambo Dlamini Nkosi Mbeki Tesfaye Bekele Haile Ivanov Petrov Sokolov Volkov Popov Kuznetsov Novak
Dvorak Horvath Nagy Kovacs Szabo Toth Kowalski Nowak Wisniewski Wojcik Kaminski Lewandowski Zielinski Szymanski Shevchenko
Bondarenko Kovalenko Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti DeLuca Costa
Giordano Mancini Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara DiMarco Dubois Durand Leroy
Moreau Laurent Lefebvre Michel Bertrand Roux Fournier Girard Bonnet Lambert Rousseau Blanchard Gauthier Beaulieu Bouchard
Tremblay Gagnon Cote Pelletier Levesque Bergeron Thibodeaux Boudreaux Landry Hebert Muller Fischer Bauer Koch Richter Klein
Wolf Schroeder Neumann Schwarz Zimmermann Braun Kruger Hofmann Hartmann Lange Schmitt Krause Lehmann Huber Kaiser Fuchs
Vogel Friedrich Roth Baumann Schulz Jansen DeVries VanDyke VandenBerg Visser Smit DeBoer Mulder Bakker Hendriks Dekker
Andersson Johansson Karlsson Nilsson Eriksson Larsen Olsen Pedersen Nielsen Christensen Rasmussen Lindqvist Bergstrom Virtanen
Korhonen Makinen Goldberg Goldstein Rosenberg Rosenthal Levine Levy Katz Shapiro Friedman Kaplan Bernstein Weinstein Feldman
Silverman Greenberg Schwartz Epstein Horowitz Blumenthal Murphy O'Brien O'Connor O'Sullivan O'Reilly O'Neill O'Donnell Doherty
Gallagher Brennan Kavanagh Flanagan Donnelly Geoghegan McCormack McLaughlin McGrath McKenzie McLeod MacDonald MacKay Sinclair
Abernathy Papadopoulos Pappas Nikolaidis Dimitriou Georgiou Costas Petrosyan Sarkisian Hakobyan Kalani Kealoha Kahananui
Begay Yazzie Tsosie Benally Redcloud Almeida Carvalho Ferreira Oliveira Pereira Souza Teixeira Fonseca Menzies Beauchamp
Cholmondeley Mainwaring Leicester Worcester Pepys Colquhoun Urquhart Dalziel Featherstone Marjoribanks Xiong Vang Moua Yangzom
`)

var givens = lists(`
James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark Donald Steven
Andrew Paul Joshua Kenneth Kevin Brian Timothy Ronald George Jason Edward Jeffrey Ryan Jacob Nicholas Gary Eric Jonathan
Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry Tyler Aaron Jose
Adam Nathan Henry Zachary Douglas Peter Kyle Noah Ethan Jeremy Walter Christian Keith Roger Terry Austin Sean Gerald Carl
Harold Dylan Arthur Lawrence Jordan Jesse Bryan Billy Bruce Gabriel Joe Logan Alan Juan Albert Willie Elijah Wayne Randy
Vincent Mason Roy Ralph Bobby Russell Bradley Philip Eugene Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Karen
Sarah Lisa Nancy Sandra Betty Ashley Emily Kimberly Margaret Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca
Sharon Laura Cynthia Dorothy Amy Kathleen Angela Shirley Emma Brenda Pamela Nicole Anna Samantha Katherine Christine Debra
Rachel Carolyn Janet Maria Olivia Heather Helen Catherine Diane Julie Victoria Joyce Lauren Kelly Christina Ruth Joan Virginia
Judith Evelyn Hannah Andrea Megan Cheryl Jacqueline Madison Teresa Abigail Sophia Martha Sara Gloria Janice Kathryn Ann
Isabella Judy Charlotte Julia Grace Amber Alice Jean Denise Frances Danielle Marilyn Natalie Beverly Diana Brittany Theresa
Carlos Luis Miguel Jorge Pedro Manuel Francisco Javier Ricardo Fernando Eduardo Rafael Sergio Alejandro Guadalupe Carmen Rosa
Lucia Elena Sofia Ximena Valentina Priya Anjali Deepa Lakshmi Sunita Kavita Neha Rajesh Sanjay Vijay Arjun Rohan Anil Ashok
Suresh Mohammed Omar Yusuf Hassan Fatima Aisha Zainab Layla Noor Karim Tariq Wei Ming Li Xin Jing Hong Mei Ling Jun Yan Hui
Anh Linh Minh Tuan Thanh Phuong Hiroshi Kenji Yuki Akiko Haruto Naoko Ji-woo Min-jun Seo-yeon Sung Olga Svetlana Dmitri
Sergei Natasha Ivan Katarzyna Piotr Agnieszka Tomasz Giovanni Marco Giulia Francesca Luca Pierre Claude Genevieve Mathieu
Helene Klaus Jurgen Heinrich Ursula Ingrid Lars Bjorn Astrid Siobhan Niamh Saoirse Padraig Eoin Ciara Aoife Kwame Ama Kofi
Chinedu Ngozi Adaeze Olumide Folasade Tunde Thandiwe Sipho Wanjiru Amara Moshe Shira Avi Rivka Yael Dov Eleni Nikos Stavros
`)

// brands are first words of organisations; others are made of syllables.
var brands = lists(`
Acorn Alpine Anchor Apex Arbor Archer Ashwood Aspen Atlas Aurora Avalon Beacon Birch Bluebird Bluestone Boulder Bramble
Brightwater Bristol Cadence Canyon Cardinal Cascade Castle Cedar Century Chestnut Citadel Clearwater Cobalt Compass Copper
Coral Cornerstone Crescent Crestview Crown Cypress Delta Diamond Dover Eagle Eastgate Echo Elmwood Ember Emerald Evergreen
Fairview Falcon Fieldstone Firefly Foxglove Frontier Garnet Glacier Golden Granite Greenfield Greystone Gulfstream Halcyon
Harbor Hawthorn Hearthstone Heritage Highland Horizon Hudson Hyperion Indigo Ironwood Ivory Jade Juniper Keystone Kingfisher
Lakeside Lantern Laurel Legacy Liberty Lighthouse Lotus Magnolia Maple Marigold Meadow Mercury Meridian Midland Milestone
Monarch Monument Nautilus Northstar Oakmont Oasis Olympus Onyx Orchard Orion Osprey Pacific Palisade Paragon Patriot Pelican
Phoenix Pinnacle Pioneer Platinum Plymouth Polaris Prairie Prism Quartz Quest Ravenwood Redwood Regent Riverbend Riverside
Rockport Sable Saffron Sapphire Seacrest Sentinel Sequoia Sierra Silver Skyline Solstice Spectrum Springfield Sterling
Stonebridge Summit Sunrise Swift Sycamore Tamarack Thistle Thunder Timber Titan Topaz Tradewind Trident Trinity Triton
Twilight Union Vanguard Velvet Venture Vertex Vista Walnut Waterford Westbrook Whitewater Wildflower Willow Windsor Zenith
Zephyr
`)

var kinds = lists(`
Holdings Logistics Partners Foods Works Medical Group Industries Systems Technologies Software Pharmacy Dental Construction
Builders Roofing Plumbing Electric Energy Solar Mining Steel Textiles Apparel Shoes Furniture Realty Properties Development
Investments Capital Ventures Insurance Financial Consulting Advisors Marketing Media Publishing Pictures Records Studios Design
Architects Engineering Laboratories Biotech Therapeutics Diagnostics Clinic Hospital Academy School Museum Brewing Winery
Bakery Coffee Catering Restaurant Hotels Travel Airlines Shipping Trucking Motors Automotive Marine Aviation Farms Dairy
Orchards Nursery Seafood Packaging Plastics Chemicals Paper Printing Glass Tools Machinery Robotics Semiconductor Networks
Telecom Wireless Security Staffing Cleaning Landscaping Salon Fitness Sports Toys Books Jewelers Antiques Market Supply Storage
`)

var legals = strings.Fields("Inc. LLC Corporation Corp. Ltd. LLP Co. Company PLLC Limited GmbH")

func lists(text string) []string {
	seen := map[string]bool{}
	var out []string
	for _, w := range strings.Fields(text) {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}
